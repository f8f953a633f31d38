import { Random } from "./random.ts";

/** What to do about the next message. */
export type Step =
  /** Nothing is due; ask again after this time. */
  | { readonly waitMs: number }
  /** Send message number `seq` now; it was due at `dueMs`. */
  | { readonly seq: number; readonly dueMs: number };

export interface ScheduleOptions {
  readonly startMs: number;
  /** When message k is due, ms after the start; asked for k = 0, 1, 2, … once each, and never falling. */
  readonly dueAfterMs: (seq: number) => number;
  /** Messages later than this are skipped, since nobody would wait for their results any more. */
  readonly maxLateMs: number;
  /** Told of each message that is skipped. */
  readonly onSkipped?: (seq: number, dueMs: number) => void;
}

/**
 * Sends every message at its own time, whatever happened to the messages before it, so that a slow system does not slow
 * down the measurement of itself (G. Tene, "How NOT to Measure Latency": coordinated omission). What is late is sent
 * at once and keeps the time at which it was due.
 *
 * All times are in ms on one monotonic clock.
 */
export class Schedule {
  readonly #options: ScheduleOptions;
  #next = 0;
  #dueMs: number;

  constructor(options: ScheduleOptions) {
    this.#options = options;
    this.#dueMs = options.startMs + options.dueAfterMs(0);
  }

  /** What to do at this time; a message that it returns is taken as sent. */
  step(nowMs: number): Step {
    while (this.#dueMs < nowMs - this.#options.maxLateMs) {
      const skipped = this.#take();
      this.#options.onSkipped?.(skipped.seq, skipped.dueMs);
    }
    return nowMs < this.#dueMs ? { waitMs: this.#dueMs - nowMs } : this.#take();
  }

  #take(): { seq: number; dueMs: number } {
    const taken = { seq: this.#next, dueMs: this.#dueMs };
    this.#next += 1;
    this.#dueMs = this.#options.startMs + this.#options.dueAfterMs(this.#next);
    return taken;
  }
}

/** Message k at k / rate: each time is computed anew, so that rounding does not add up to a drift. */
export function fixedArrivals(perSecond: number): ScheduleOptions["dueAfterMs"] {
  return (seq) => (seq * 1000) / perSecond;
}

/** Independent exponential gaps with mean 1 / rate (inversion: −ln(1 − u) / rate); the same for the same seed. */
export function poissonArrivals(perSecond: number, seed: number): ScheduleOptions["dueAfterMs"] {
  const random = new Random(seed);
  let atMs = 0;
  return () => {
    atMs -= (Math.log(1 - random.unit()) * 1000) / perSecond;
    return atMs;
  };
}
