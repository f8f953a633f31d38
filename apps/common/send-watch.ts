import { messageOf } from "./errors.ts";
import type { Logger } from "./logging.ts";

export interface SendWatchOptions {
  /** How long the oldest message has waited, ms. */
  readonly oldestMs: () => number;
  /** How long a message may wait before that is a problem, ms. */
  readonly limitMs: number;
  readonly log?: Logger | undefined;
  /** Told when messages wait too long, with the reason, and with undefined when they go on. */
  readonly onState?: ((problem: string | undefined) => void) | undefined;
}

/** Tells when what is to be sent is not, and when it is again: a sender that tries for ever must not do so in silence. */
export class SendWatch {
  readonly #options: SendWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #stuck = false;
  #lastError: unknown;

  constructor(options: SendWatchOptions) {
    this.#options = options;
  }

  /** To be called when an attempt has failed. */
  failed(error: unknown): void {
    this.#lastError = error;
    this.#look();
  }

  /** To be called when something is to be sent. */
  pushed(): void {
    this.#timer ??= setTimeout(() => this.#look(), this.#options.limitMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    this.stop();
    const { oldestMs, limitMs, log, onState } = this.#options;
    const waitedMs = Math.round(oldestMs());
    const stuck = waitedMs >= limitMs;
    if (stuck) {
      const why = this.#lastError === undefined ? "no answer" : messageOf(this.#lastError);
      if (!this.#stuck) log?.error({ waitedMs, err: this.#lastError }, "Kafka does not take messages");
      onState?.(`Kafka has not taken messages for ${Math.round(waitedMs / 1000)} s: ${why}`);
    } else if (this.#stuck) {
      log?.info("Kafka takes messages again");
      onState?.(undefined);
      this.#lastError = undefined;
    }
    this.#stuck = stuck;
    // Looked at again when the oldest would be too old, and every so often while it is.
    if (waitedMs > 0 || stuck) {
      this.#timer = setTimeout(() => this.#look(), Math.max(limitMs - waitedMs, limitMs / 10));
    }
  }
}
