import type { ImageResult } from "../contract.ts";

/** What is known of an image that was sent. Times are µs of this producer's clock. */
interface Sent {
  readonly scheduledUs: number;
  readonly sentUs: number;
  ackedUs: number | null;
}

/** One measured image. `scheduledUs` to `receivedUs` are of this producer's clock, `pickedUs` is of the classifier's. */
export interface Sample extends Readonly<Sent> {
  readonly id: string;
  readonly seq: number;
  readonly device: number;
  readonly receivedUs: number;
  readonly pickedUs: number;
  readonly inferenceMs: number;
  readonly batch: number;
  readonly label: string | null;
  readonly predicted: string | null;
  /** Whether the image had counted as lost by then. */
  readonly late: boolean;
}

export type Match =
  /** In time, or after its image had counted as lost. */
  | { readonly kind: "received" | "late"; readonly sample: Sample }
  /** The same result came before, or its image is not known (any more). */
  | { readonly kind: "unexpected" };

/**
 * Matches results to the images that were sent. An image counts as lost when its result has not come within the
 * timeout; as many lost images are remembered as can be in flight, to measure late results too.
 */
export class Matcher {
  readonly #inFlight = new Map<string, Sent>();
  readonly #lost = new Map<string, Sent>();
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
  sent(id: string, scheduledUs: number, sentUs: number): void {
    if (this.isFull) throw new RangeError(`${this.#capacity} images are in flight already`);
    this.#inFlight.set(id, { scheduledUs, sentUs, ackedUs: null });
    this.#unacknowledged.set(id, sentUs);
  }

  /** Notes that Kafka has the image. */
  acknowledged(id: string, nowUs: number): void {
    this.#unacknowledged.delete(id);
    const sent = this.#inFlight.get(id) ?? this.#lost.get(id);
    // Its result can be here first: a classifier may be faster than the acknowledgement.
    if (sent !== undefined) sent.ackedUs = nowUs;
  }

  /** Notes that the image could not be sent. @returns false when it has counted as lost already */
  failed(id: string): boolean {
    this.#unacknowledged.delete(id);
    return this.#inFlight.delete(id);
  }

  received(result: ImageResult, nowUs: number): Match {
    const { id, seq, device, label, pickedUs, inferenceMs, batch } = result;
    const late = this.#lost.get(id);
    const sent = this.#inFlight.get(id) ?? late;
    if (sent === undefined) return { kind: "unexpected" };
    this.#inFlight.delete(id);
    this.#lost.delete(id);
    const predicted = result.top[0]?.label ?? null;
    const measured = { ...sent, receivedUs: nowUs, pickedUs, inferenceMs, batch };
    const sample = { id, seq, device, ...measured, label, predicted, late: late !== undefined };
    return { kind: sample.late ? "late" : "received", sample };
  }

  /** Gives up the images whose time has run out. @returns how many */
  expire(nowUs: number): number {
    let expired = 0;
    for (const [id, sent] of this.#inFlight) {
      if (nowUs - sent.sentUs < this.#timeoutUs) break;
      this.#inFlight.delete(id);
      this.#lost.set(id, sent);
      expired += 1;
    }
    for (const id of this.#lost.keys()) {
      if (this.#lost.size <= this.#capacity) break;
      this.#lost.delete(id);
    }
    return expired;
  }
}
