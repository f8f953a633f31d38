import { type Backoff, retry } from "./retry.ts";

/** Something to be sent, with its size and whoever is told of it. */
interface Item<T> {
  readonly message: T;
  readonly bytes: number;
  readonly sinceMs: number;
  readonly done: Done;
}

/** Told once what became of a message: nothing when it is acknowledged, otherwise why it is not sent. */
export type Done = (error?: unknown) => void;

export interface SendQueueOptions<T> {
  /** Sends these together; resolves when all of them are acknowledged. */
  readonly send: (messages: readonly T[]) => Promise<void>;
  readonly sizeOf: (message: T) => number;
  /** Largest sum of sizes in one call of `send`; a single message may be larger. */
  readonly maxRequestBytes: number;
  /** What may wait in all, in bytes. */
  readonly maxBufferedBytes: number;
  /** Whether some of a group is refused for good. Whatever fails otherwise is sent again until it succeeds. */
  readonly isRefused: (error: unknown) => boolean;
  /** What is told of a message that is refused, by what `send` threw; that itself when left out. */
  readonly refusal?: (error: unknown, message: T) => unknown;
  /** Pauses between attempts. */
  readonly backoff: Backoff;
  /** Told of each failure that another attempt follows. */
  readonly onRetry?: (error: unknown, attempt: number, pauseMs: number) => void;
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
 * once, a busy one sends large batches, and there is never more than one request at a time, so order is kept. What is
 * refused is singled out by halves and rejected, so that it never holds up what comes behind it.
 */
export class SendQueue<T> {
  readonly #options: SendQueueOptions<T>;
  readonly #waiting: Item<T>[] = [];
  readonly #closed = new AbortController();
  #sending: readonly Item<T>[] = [];
  #bytes = 0;
  #running: Promise<void> | undefined;

  constructor(options: SendQueueOptions<T>) {
    this.#options = options;
  }

  /** Bytes accepted and not yet acknowledged. */
  get bufferedBytes(): number {
    return this.#bytes;
  }

  /** How long the oldest message has waited for its acknowledgement, ms; 0 when none is waiting. */
  get oldestMs(): number {
    const [oldest = this.#waiting[0]] = this.#sending;
    return oldest === undefined || this.#bytes === 0 ? 0 : performance.now() - oldest.sinceMs;
  }

  /**
   * Resolves when the message is acknowledged.
   * @throws {BufferFullError} at once when there is no room; what `send` threw when the message is refused; the reason
   *   of {@link close}
   */
  push(message: T): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.post(message, (error) => (error === undefined ? resolve() : reject(error)));
    return promise;
  }

  /** As {@link push}, without a promise for each: for messages by the thousand. */
  post(message: T, done: Done): void {
    const bytes = this.#options.sizeOf(message);
    if (this.#bytes > 0 && this.#bytes + bytes > this.#options.maxBufferedBytes) {
      done(new BufferFullError(this.#bytes));
      return;
    }
    this.#bytes += bytes;
    this.#waiting.push({ message, bytes, sinceMs: performance.now(), done });
    this.#running ??= this.#drain();
  }

  /** Resolves when nothing is waiting any more, whether it was sent or given up. */
  async flush(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Sends nothing again; rejects what fails from now on. */
  close(reason: Error): void {
    this.#closed.abort(reason);
  }

  async #drain(): Promise<void> {
    // Whatever is pushed in this same turn of the event loop belongs to the first batch.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      this.#sending = this.#take();
      await this.#send(this.#sending);
    }
    this.#sending = [];
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
    const { send, isRefused, backoff, onRetry } = this.#options;
    const messages = items.map(({ message }) => message);
    const isRetryable = (error: unknown) => !isRefused(error);
    try {
      await retry(() => send(messages), { ...backoff, onRetry, isRetryable, signal: this.#closed.signal });
    } catch (error) {
      if (items.length > 1 && isRefused(error)) {
        const middle = items.length >> 1;
        await this.#send(items.slice(0, middle));
        await this.#send(items.slice(middle));
        return;
      }
      const refusal = this.#options.refusal ?? ((thrown: unknown) => thrown);
      this.#done(items, (item) => item.done(refusal(error, item.message)));
      return;
    }
    this.#done(items, (item) => item.done());
  }

  #done(items: readonly Item<T>[], tell: (item: Item<T>) => void): void {
    for (const item of items) {
      this.#bytes -= item.bytes;
      tell(item);
    }
  }
}
