/** Something to be sent, with its size and whoever waits for it. */
interface Item<T> {
  readonly message: T;
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface SendQueueOptions<T> {
  /** Sends these together; resolves when all of them are acknowledged. */
  readonly send: (messages: readonly T[]) => Promise<void>;
  readonly sizeOf: (message: T) => number;
  /** Largest sum of sizes in one call of `send`; a single message may be larger. */
  readonly maxRequestBytes: number;
  /** What may wait in all, in bytes. */
  readonly maxBufferedBytes: number;
  /** Whether the error of a group might spare its parts, so that the group is to be sent in halves. */
  readonly isDivisible: (error: unknown) => boolean;
}

/** Thrown when as much is waiting as may wait. */
export class BufferFullError extends Error {
  constructor(bytes: number) {
    super(`${bytes} bytes are waiting to be sent already`);
    this.name = "BufferFullError";
  }
}

/**
 * Batches without a timer: while one request is under way, what arrives gathers for the next. An idle queue sends at
 * once, a busy one sends large batches, and there is never more than one request at a time, so order is kept.
 */
export class SendQueue<T> {
  readonly #options: SendQueueOptions<T>;
  readonly #waiting: Item<T>[] = [];
  #bytes = 0;
  #running: Promise<void> | undefined;

  constructor(options: SendQueueOptions<T>) {
    this.#options = options;
  }

  /** Bytes accepted and not yet acknowledged. */
  get bufferedBytes(): number {
    return this.#bytes;
  }

  /**
   * Resolves when the message is acknowledged.
   * @throws {BufferFullError} at once when there is no room; whatever `send` threw when it could not be sent
   */
  push(message: T): Promise<void> {
    const bytes = this.#options.sizeOf(message);
    if (this.#bytes > 0 && this.#bytes + bytes > this.#options.maxBufferedBytes) {
      return Promise.reject(new BufferFullError(this.#bytes));
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#bytes += bytes;
    this.#waiting.push({ message, bytes, resolve, reject });
    this.#running ??= this.#drain();
    return promise;
  }

  /** Resolves when nothing is waiting any more, whether it was sent or given up. */
  async flush(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #drain(): Promise<void> {
    // Whatever is pushed in this same turn of the event loop belongs to the first batch.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#send(this.#take());
    this.#running = undefined;
  }

  #take(): Item<T>[] {
    let bytes = 0;
    let count = 0;
    for (const item of this.#waiting) {
      if (count > 0 && bytes + item.bytes > this.#options.maxRequestBytes) break;
      bytes += item.bytes;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #send(items: readonly Item<T>[]): Promise<void> {
    try {
      await this.#options.send(items.map(({ message }) => message));
    } catch (error) {
      if (items.length > 1 && this.#options.isDivisible(error)) {
        const middle = items.length >> 1;
        await this.#send(items.slice(0, middle));
        await this.#send(items.slice(middle));
        return;
      }
      this.#done(items, (item) => item.reject(error));
      return;
    }
    this.#done(items, (item) => item.resolve());
  }

  #done(items: readonly Item<T>[], settle: (item: Item<T>) => void): void {
    for (const item of items) {
      this.#bytes -= item.bytes;
      settle(item);
    }
  }
}
