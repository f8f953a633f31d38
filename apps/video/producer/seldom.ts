/** Lets each kind of event be told of once in a while, with how often it has happened since. */
export class Seldom {
  readonly #everyMs: number;
  readonly #kinds = new Map<string, { lastMs: number; times: number }>();

  constructor(everyMs = 10_000) {
    this.#everyMs = everyMs;
  }

  /** @param tell called now or not at all, with the number of events since it was called last, this one included */
  tell(kind: string, tell: (times: number) => void, nowMs = performance.now()): void {
    const known = this.#kinds.get(kind) ?? { lastMs: Number.NEGATIVE_INFINITY, times: 0 };
    known.times += 1;
    this.#kinds.set(kind, known);
    if (nowMs - known.lastMs < this.#everyMs) return;
    tell(known.times);
    known.lastMs = nowMs;
    known.times = 0;
  }
}
