/** Processes a batch and gives one result an item, in the same order. */
export type Run<Item, Result> = (items: readonly Item[]) => Promise<readonly Result[]>;

/** One result with the size of the batch it came from. */
export interface Batched<Result> {
  readonly result: Result;
  readonly batch: number;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Batched<Result>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Joins single items into batches: one batch runs at a time, and when it ends the next takes whatever has come
 * meanwhile, up to `maxBatch`. An item that finds nothing running starts at once, so that who is idle adds no waiting and
 * who is busy fills its batches by itself. Items run in the order in which they came.
 */
export class Batcher<Item, Result> {
  readonly #run: Run<Item, Result>;
  readonly #maxBatch: number;
  readonly #waiting: Waiting<Item, Result>[] = [];
  #running = false;

  constructor(run: Run<Item, Result>, maxBatch: number) {
    this.#run = run;
    this.#maxBatch = maxBatch;
  }

  /** Items that wait for their batch to begin. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Runs the item in some batch. @throws what the run of that batch threw */
  submit(item: Item): Promise<Batched<Result>> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#running) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#running = true;
    // Callers that submit several items in one turn of the event loop mean them as one batch.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#runBatch(this.#waiting.splice(0, this.#maxBatch));
    this.#running = false;
  }

  async #runBatch(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#run(batch.map(({ item }) => item));
      if (results.length !== batch.length) {
        throw new Error(`a batch of ${batch.length} gave ${results.length} results`);
      }
      for (const [i, { resolve }] of batch.entries()) {
        const result = results[i] as Result;
        resolve({ result, batch: batch.length });
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
