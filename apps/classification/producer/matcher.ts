import type { ImageResult } from "../contract.ts";

/** An image that is sent. Times are µs of this producer's clock. */
export interface SentImage {
  readonly id: string;
  readonly seq: number;
  readonly device: number;
  /** When it was due. */
  readonly scheduledUs: number;
  /** When it was handed to the Kafka client. */
  readonly sentUs: number;
  /** Size of the encoded image. */
  readonly bytes: number;
  /** What it shows. */
  readonly label: string;
}

/**
 * What became of an image: `received`, its result came back in time; `lost`, it did not; `failed`, it could not be
 * sent; `skipped`, it was not even sent, as that would have been too late. Each image has one of these. A lost one
 * whose result comes after all has another sample besides, `late`.
 */
export type Outcome = "received" | "late" | "lost" | "failed" | "skipped";

/** One image and what became of it. Times are µs of this producer's clock, save `pickedUs`, which is of the classifier's. */
export interface Sample extends Omit<SentImage, "id" | "sentUs" | "label" | "bytes"> {
  readonly id: string | null;
  readonly outcome: Outcome;
  readonly sentUs: number | null;
  /** When Kafka acknowledged the image; null also when its result was here first. */
  readonly ackedUs: number | null;
  readonly receivedUs: number | null;
  readonly pickedUs: number | null;
  readonly inferenceMs: number | null;
  readonly batch: number | null;
  readonly bytes: number | null;
  /** Size of the result as it was read. */
  readonly resultBytes: number | null;
  readonly label: string | null;
  readonly predicted: string | null;
}

export type Match =
  /** In time, or after its image had counted as lost. */
  | { readonly kind: "received" | "late"; readonly sample: Sample }
  /** The same result came before, or its image is not known (any more). */
  | { readonly kind: "unexpected" };

/** The sample of an image that has no result (yet). */
export function withoutResult(
  image: Omit<SentImage, "id" | "sentUs" | "bytes" | "label"> & Partial<SentImage>,
  outcome: Outcome,
  ackedUs: number | null = null,
): Sample {
  return {
    id: null,
    sentUs: null,
    bytes: null,
    label: null,
    ...image,
    outcome,
    ackedUs,
    receivedUs: null,
    pickedUs: null,
    inferenceMs: null,
    batch: null,
    resultBytes: null,
    predicted: null,
  };
}

type InFlight = SentImage & { ackedUs: number | null };

/**
 * Matches results to the images that were sent. An image counts as lost when its result has not come within the
 * timeout; as many lost images are remembered as can be in flight, to measure late results too.
 */
export class Matcher {
  readonly #inFlight = new Map<string, InFlight>();
  readonly #lost = new Map<string, InFlight>();
  /** Image → when it was sent. Apart from those in flight, because an image that has counted as lost still waits. */
  readonly #unacknowledged = new Map<string, number>();
  readonly #timeoutUs: number;
  readonly #capacity: number;

  /** @param options.capacity images in flight at most */
  constructor(options: { timeoutMs: number; capacity: number }) {
    this.#timeoutUs = options.timeoutMs * 1000;
    this.#capacity = options.capacity;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  get isFull(): boolean {
    return this.#inFlight.size >= this.#capacity;
  }

  /** When the oldest image was sent that Kafka has not acknowledged, or undefined when there is none. */
  oldestUnacknowledgedUs(): number | undefined {
    return this.#unacknowledged.values().next().value;
  }

  /** Notes an image that is about to be sent. Images must be noted in the order of `sentUs`. */
  sent(image: SentImage): void {
    if (this.isFull) throw new RangeError(`${this.#capacity} images are in flight already`);
    this.#inFlight.set(image.id, { ...image, ackedUs: null });
    this.#unacknowledged.set(image.id, image.sentUs);
  }

  /** Notes that Kafka has the image. */
  acknowledged(id: string, nowUs: number): void {
    this.#unacknowledged.delete(id);
    const sent = this.#inFlight.get(id) ?? this.#lost.get(id);
    // Its result can be here first: a classifier may be faster than the acknowledgement.
    if (sent !== undefined) sent.ackedUs = nowUs;
  }

  /** Notes that the image could not be sent. @returns undefined when it has counted as lost already */
  failed(id: string): Sample | undefined {
    this.#unacknowledged.delete(id);
    const image = this.#inFlight.get(id);
    if (image === undefined) return undefined;
    this.#inFlight.delete(id);
    return withoutResult(image, "failed");
  }

  /** @param resultBytes size of the result as it was read */
  received(result: ImageResult, nowUs: number, resultBytes: number): Match {
    const { id, pickedUs, inferenceMs, batch } = result;
    const late = this.#lost.get(id);
    const image = this.#inFlight.get(id) ?? late;
    if (image === undefined) return { kind: "unexpected" };
    this.#inFlight.delete(id);
    this.#lost.delete(id);
    const kind = late === undefined ? "received" : "late";
    const predicted = result.top[0]?.label ?? null;
    const measured = { receivedUs: nowUs, pickedUs, inferenceMs, batch, resultBytes, predicted };
    return { kind, sample: { ...image, outcome: kind, ...measured } };
  }

  /** Gives up the images whose time has run out. @returns them */
  expire(nowUs: number): Sample[] {
    const expired: Sample[] = [];
    for (const [id, image] of this.#inFlight) {
      if (nowUs - image.sentUs < this.#timeoutUs) break;
      this.#inFlight.delete(id);
      this.#lost.set(id, image);
      expired.push(withoutResult(image, "lost", image.ackedUs));
    }
    for (const id of this.#lost.keys()) {
      if (this.#lost.size <= this.#capacity) break;
      this.#lost.delete(id);
    }
    return expired;
  }
}
