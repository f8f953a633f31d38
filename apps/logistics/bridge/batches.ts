interface Waiting<T> {
  readonly item: T;
  readonly settled: PromiseWithResolvers<void>;
}

/**
 * Writes what several add at the same time together: one batch is written at a time, and what comes meanwhile is the next
 * one. Nothing is kept of what was written, and a batch that fails fails for all that are in it.
 */
export class Batches<T> {
  readonly #write: (items: readonly T[]) => Promise<void>;
  #waiting: Waiting<T>[] = [];
  #writing = false;

  constructor(write: (items: readonly T[]) => Promise<void>) {
    this.#write = write;
  }

  /** Resolves when the item is written. @throws what the writer throws */
  add(item: T): Promise<void> {
    const settled = Promise.withResolvers<void>();
    this.#waiting.push({ item, settled });
    if (!this.#writing) void this.#run();
    return settled.promise;
  }

  async #run(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(batch.map(({ item }) => item));
        for (const { settled } of batch) settled.resolve();
      } catch (error) {
        for (const { settled } of batch) settled.reject(error);
      }
    }
    this.#writing = false;
  }
}
