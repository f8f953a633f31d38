import sharp from "sharp";
import { maxPixels } from "../../media/jpeg.ts";
import { FitController, type Setting } from "./fit-control.ts";

/** A picture as it is sent. */
export interface Picture {
  readonly jpeg: Buffer;
  readonly width: number;
  readonly height: number;
}

/** A picture within the limit, and whether it had to be encoded anew for that. */
export interface Fitted extends Picture {
  readonly shrunk: boolean;
}

/** Thrown for a picture that cannot be made small enough, or not be read for that. */
export class UnfitError extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = "UnfitError";
  }
}

// Frames are decoded once each, so nothing is worth caching; one thread a frame leaves the cores to the cameras.
sharp.cache(false);
sharp.concurrency(1);

/** Keeps the frames of one camera within a size. Call it for one frame at a time, since it learns from each. */
export class Fitter {
  readonly #maxBytes: number;
  readonly #control: FitController;

  /** @param maxBytes of a JPEG */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#control = new FitController({ maxBytes });
  }

  /** Where the controller is; 0 is best. */
  get level(): number {
    return this.#control.level;
  }

  /**
   * Returns a picture within the limit as it is, with the same bytes; a larger one encoded anew.
   * @throws {UnfitError} when it cannot be decoded or cannot be made small enough
   */
  fit(picture: Picture): Fitted | Promise<Fitted> {
    const { jpeg, width, height } = picture;
    if (jpeg.length <= this.#maxBytes) return { jpeg, width, height, shrunk: false };
    return this.#shrink(picture);
  }

  async #shrink(picture: Picture): Promise<Fitted> {
    let setting = this.#control.begin();
    for (;;) {
      const encoded = await encode(picture, setting);
      const next = this.#control.tried(encoded.jpeg.length);
      if (next === "fits") return { ...encoded, shrunk: true };
      if (next === "hopeless") {
        throw new UnfitError(`${picture.jpeg.length} bytes cannot be brought below ${this.#maxBytes}`);
      }
      setting = next;
    }
  }
}

/** Plain baseline JPEG; mozjpeg would save a little and take seven times as long. */
async function encode({ jpeg, width }: Picture, { quality, scale }: Setting): Promise<Picture> {
  try {
    const whole = sharp(jpeg, { limitInputPixels: maxPixels });
    const scaled = scale === 1 ? whole : whole.resize({ width: Math.max(1, Math.round(width * scale)) });
    const { data, info } = await scaled
      .jpeg({ quality, mozjpeg: false })
      .toBuffer({ resolveWithObject: true });
    return { jpeg: data, width: info.width, height: info.height };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UnfitError(`a frame over the size limit cannot be decoded: ${reason}`, { cause: error });
  }
}
