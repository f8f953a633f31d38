import type { Logger } from "./logging.ts";

/** Exit code when some step failed or the app itself did. */
export const exitFailed = 1;
/** Exit code when the steps did not end within the grace period. */
export const exitOverdue = 70;

/** Why an app ends: it was told to, or something in it failed. */
export class EndingError extends Error {
  readonly failed: boolean;

  constructor(why: string, failed: boolean) {
    super(`shutting down: ${why}`);
    this.name = "EndingError";
    this.failed = failed;
  }
}

interface Step {
  readonly name: string;
  readonly run: () => Promise<unknown>;
}

/**
 * What an app does before it ends. Steps run one after the other, the one added last first, so that what was opened
 * first is closed last; a step that fails is logged and does not keep the others from running.
 */
export class Shutdown {
  readonly #steps: Step[] = [];
  readonly #abort = new AbortController();
  readonly #log: Logger;
  readonly #graceMs: number;
  #ending: Promise<number> | undefined;

  /** @param options.graceMs time for all steps together; shorter than what Docker gives before SIGKILL */
  constructor({ log, graceMs }: { log: Logger; graceMs: number }) {
    this.#log = log;
    this.#graceMs = graceMs;
  }

  /** Aborted with an {@link EndingError} as soon as the app is to end, before the first step runs. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  add(name: string, run: () => Promise<unknown>): void {
    this.#steps.push({ name, run });
  }

  /**
   * Ends the app; a second call joins the first.
   * @returns the exit code: `code` when all went well, {@link exitFailed} or {@link exitOverdue} when not
   */
  end(why: string, code = 0): Promise<number> {
    this.#ending ??= this.#run(why, code);
    return this.#ending;
  }

  async #run(why: string, code: number): Promise<number> {
    this.#log.info({ why, graceMs: this.#graceMs }, "shutting down");
    this.#abort.abort(new EndingError(why, code !== 0));
    const overdue = Promise.withResolvers<number>();
    const timer = setTimeout(() => {
      this.#log.error({ graceMs: this.#graceMs }, "the shutdown took longer than its grace period");
      overdue.resolve(exitOverdue);
    }, this.#graceMs);
    const result = await Promise.race([this.#runSteps(code), overdue.promise]);
    clearTimeout(timer);
    return result;
  }

  async #runSteps(code: number): Promise<number> {
    let result = code;
    for (const { name, run } of this.#steps.toReversed()) {
      try {
        await run();
        this.#log.debug({ step: name }, "shutdown step done");
      } catch (err) {
        this.#log.error({ err, step: name }, "shutdown step failed");
        result = code === 0 ? exitFailed : code;
      }
    }
    return result;
  }
}
