interface Waiting<T> {
  readonly item: T;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Does one batch at a time; what is added meanwhile is the next one. */
export class Batches<T> {
  readonly #run: (batch: readonly T[]) => Promise<void>;
  #waiting: Waiting<T>[] = [];
  #busy = false;

  constructor(run: (batch: readonly T[]) => Promise<void>) {
    this.#run = run;
  }

  /** Resolves when the batch that the item is in is done. @throws what the batch fails with */
  add(item: T): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ item, resolve, reject });
    if (!this.#busy) void this.#work();
    return promise;
  }

  async #work(): Promise<void> {
    this.#busy = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      await this.#run(batch.map(({ item }) => item)).then(
        () => {
          for (const { resolve } of batch) resolve();
        },
        (error: unknown) => {
          for (const { reject } of batch) reject(error);
        },
      );
    }
    this.#busy = false;
  }
}
