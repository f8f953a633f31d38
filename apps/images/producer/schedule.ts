/** What to do about the next image. */
export type Step =
  /** Nothing is due; ask again after this time. */
  | { readonly waitMs: number }
  /** Send image number `image` now; it was due at `dueMs`. */
  | { readonly image: number; readonly dueMs: number };

/**
 * A fixed-rate schedule: image k is due at start + k / rate, whatever happened to the images before it, so that it
 * does not drift and a slow system does not slow down the measurement of itself (G. Tene, "How NOT to Measure
 * Latency": coordinated omission). What is late is sent at once and keeps the time at which it was due.
 *
 * All times are in ms on one monotonic clock.
 */
export class Schedule {
  readonly #startMs: number;
  readonly #everyMs: number;
  readonly #maxLateMs: number;
  #next = 0;
  #skipped = 0;

  /**
   * @param options.perSecond images a second
   * @param options.maxLateMs images later than this are skipped, since nobody would wait for their results any more
   */
  constructor(options: { startMs: number; perSecond: number; maxLateMs: number }) {
    this.#startMs = options.startMs;
    this.#everyMs = 1000 / options.perSecond;
    this.#maxLateMs = options.maxLateMs;
  }

  /** Images skipped so far. */
  get skipped(): number {
    return this.#skipped;
  }

  /** What to do at this time; an image that it returns is taken as sent. */
  step(nowMs: number): Step {
    const oldest = Math.ceil((nowMs - this.#maxLateMs - this.#startMs) / this.#everyMs);
    if (oldest > this.#next) {
      this.#skipped += oldest - this.#next;
      this.#next = oldest;
    }
    const dueMs = this.#startMs + this.#next * this.#everyMs;
    if (nowMs < dueMs) return { waitMs: dueMs - nowMs };
    const image = this.#next;
    this.#next += 1;
    return { image, dueMs };
  }
}
