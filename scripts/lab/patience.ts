export interface PatienceOptions {
  /** How long nothing may come nearer, ms. */
  readonly stillMs: number;
  /** How long all of it may take, ms. */
  readonly longestMs: number;
  /** ms of a clock that only goes forward. */
  readonly now: () => number;
}

/** Waits for as long as what is waited for comes nearer, within a bound. */
export class Patience {
  readonly #options: PatienceOptions;
  readonly #begunMs: number;
  #least = Number.POSITIVE_INFINITY;
  #nearerMs: number;

  constructor(options: PatienceOptions) {
    this.#options = options;
    this.#begunMs = options.now();
    this.#nearerMs = this.#begunMs;
  }

  /** How long it has been waited, ms. */
  get waitedMs(): number {
    return this.#options.now() - this.#begunMs;
  }

  /** @param left how much is missing, in any unit: less than ever before is nearer */
  hasEnd(left: number): boolean {
    const { stillMs, longestMs, now } = this.#options;
    if (left < this.#least) [this.#least, this.#nearerMs] = [left, now()];
    return now() - this.#nearerMs > stillMs || this.waitedMs > longestMs;
  }
}
