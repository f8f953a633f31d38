import { messageOf } from "../../common/errors.ts";
import type { Logger } from "../../common/logging.ts";
import { backoffMs, pause } from "../../common/retry.ts";

export interface Job {
  /** For people, in the log. */
  readonly name: string;
  /** Repeated when it fails. */
  readonly run: () => Promise<void>;
  /** Called when it has failed for good: what it works on is put out of the way, so that others are not held up. */
  readonly giveUp: (error: unknown) => Promise<void>;
}

export interface JobQueueOptions {
  /** Jobs that may wait. */
  readonly most: number;
  /** How often a job may fail. */
  readonly attempts: number;
  /** Whether it failed for want of disk space, which is not the job's fault and does not count. */
  readonly isShortage: (error: unknown) => boolean;
  readonly log: Logger;
  /** Resolves when there is disk space for a job. */
  readonly ready: (signal: AbortSignal) => Promise<void>;
  /** Told what is wrong while a job fails; for `/healthz`. */
  readonly onState: (problem: string | undefined) => void;
  readonly signal: AbortSignal;
}

const backoff = { baseMs: 500, capMs: 10_000 };

/** Runs jobs one after the other, in the order in which they came. */
export class JobQueue {
  readonly #options: JobQueueOptions;
  #tail: Promise<void> = Promise.resolve();
  #waiting = 0;
  #wake: (() => void)[] = [];

  constructor(options: JobQueueOptions) {
    this.#options = options;
  }

  /** Jobs that wait or run. */
  get waiting(): number {
    return this.#waiting;
  }

  add(job: Job): void {
    this.#waiting += 1;
    this.#tail = this.#tail
      .then(() => this.#work(job))
      .catch((err: unknown) => this.#options.log.error({ err, job: job.name }, "left for the next start"))
      .finally(() => {
        this.#waiting -= 1;
        for (const wake of this.#wake.splice(0)) wake();
      });
  }

  /** Resolves when no more jobs wait than may. @throws the signal's reason */
  async room(signal: AbortSignal): Promise<void> {
    while (this.#waiting > this.#options.most) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const onAbort = () => reject(signal.reason);
      signal.throwIfAborted();
      signal.addEventListener("abort", onAbort, { once: true });
      this.#wake.push(resolve);
      await promise.finally(() => signal.removeEventListener("abort", onAbort));
    }
  }

  /** Resolves when all jobs are done. */
  async idle(): Promise<void> {
    while (this.#waiting > 0) await this.#tail;
  }

  /** When the app is ending, a job gets one attempt and no wait; its files are there at the next start. */
  async #work(job: Job): Promise<void> {
    const { attempts, isShortage, log, onState, ready, signal } = this.#options;
    for (let attempt = 1, failures = 0; ; attempt += 1) {
      await ready(signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
      try {
        await job.run();
        onState(undefined);
        return;
      } catch (error) {
        if (signal.aborted) throw error;
        onState(`${job.name}: ${messageOf(error)}`);
        failures += isShortage(error) ? 0 : 1;
        if (failures >= attempts) {
          log.error({ err: error, job: job.name, attempt }, "failed for good; set aside");
          await job.giveUp(error);
          onState(undefined);
          return;
        }
        const pauseMs = backoffMs(attempt, backoff);
        log.warn({ err: error, job: job.name, attempt, pauseMs }, "failed; trying again");
        await pause(pauseMs, signal).catch(() => log.debug("the pause was cut short"));
      }
    }
  }
}
