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
}

export type Match =
  | { readonly kind: "received"; readonly sample: Sample }
  /** Its image counted as lost already. */
  | { readonly kind: "late" }
  /** The same result came before, or its image is not known (any more). */
  | { readonly kind: "unexpected" };

/**
 * Matches results to the images that were sent. An image counts as lost when its result has not come within the
 * timeout; as many lost images are remembered as can be in flight, to tell late results from unexpected ones.
 */
export class Matcher {
  readonly #inFlight = new Map<string, Sent>();
  readonly #lost = new Set<string>();
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
    for (const { ackedUs, sentUs } of this.#inFlight.values()) if (ackedUs === null) return sentUs;
    return undefined;
  }

  /** Notes an image that is about to be sent. Images must be noted in the order of `sentUs`. */
  sent(id: string, scheduledUs: number, sentUs: number): void {
    if (this.isFull) throw new RangeError(`${this.#capacity} images are in flight already`);
    this.#inFlight.set(id, { scheduledUs, sentUs, ackedUs: null });
  }

  /** Notes that Kafka has the image. */
  acknowledged(id: string, nowUs: number): void {
    const sent = this.#inFlight.get(id);
    // Its result can be here first: a classifier may be faster than the acknowledgement.
    if (sent !== undefined) sent.ackedUs = nowUs;
  }

  /** Notes that the image was never sent. */
  failed(id: string): void {
    this.#inFlight.delete(id);
  }

  received(result: ImageResult, nowUs: number): Match {
    const { id, seq, device, label, pickedUs, inferenceMs, batch } = result;
    const sent = this.#inFlight.get(id);
    if (sent === undefined) return { kind: this.#lost.delete(id) ? "late" : "unexpected" };
    this.#inFlight.delete(id);
    const predicted = result.top[0]?.label ?? null;
    const measured = { ...sent, receivedUs: nowUs, pickedUs, inferenceMs, batch };
    return { kind: "received", sample: { id, seq, device, ...measured, label, predicted } };
  }

  /** Gives up the images whose time has run out. @returns how many */
  expire(nowUs: number): number {
    let expired = 0;
    for (const [id, { sentUs }] of this.#inFlight) {
      if (nowUs - sentUs < this.#timeoutUs) break;
      this.#inFlight.delete(id);
      this.#lost.add(id);
      expired += 1;
    }
    for (const id of this.#lost) {
      if (this.#lost.size <= this.#capacity) break;
      this.#lost.delete(id);
    }
    return expired;
  }
}
