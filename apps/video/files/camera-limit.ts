import { PoisonError } from "../../common/kafka-message.ts";

/** Cameras of one topic; each has files, metrics and, where it is recorded, a journal of its own. */
export const maxCameras = 256;

/** Lets the frames of so many cameras in, those that came first: whoever sends can make up names without end. */
export class CameraLimit {
  readonly #admitted = new Set<string>();
  readonly #most: number;

  constructor(most = maxCameras) {
    this.#most = most;
  }

  /** @throws PoisonError for a camera beyond the limit */
  admit(camera: string): void {
    if (this.#admitted.has(camera)) return;
    if (this.#admitted.size >= this.#most) {
      throw new PoisonError(`camera ${camera} is one more than the ${this.#most} that are taken of a topic`);
    }
    this.#admitted.add(camera);
  }
}
