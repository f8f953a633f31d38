import type { Logger } from "../../common/logging.ts";
import type { Alert } from "../contract.ts";

/** Alerts that have a line of their own, a second: the topic has all of them, and a line costs more than an alert. */
const linesPerSecond = 10;

export interface AlertLogOptions {
  readonly log: Pick<Logger, "info" | "warn">;
  /** ms of a clock that only goes forward. */
  readonly now: () => number;
}

/** Tells the log of alerts: the first of each second one by one, of the rest how many there were. */
export class AlertLog {
  readonly #options: AlertLogOptions;
  #secondMs = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #more = 0;

  constructor(options: AlertLogOptions) {
    this.#options = options;
  }

  /** To be called with every batch, of no alerts as well. */
  tell(alerts: readonly Alert[]): void {
    const { log, now } = this.#options;
    const nowMs = now();
    if (nowMs - this.#secondMs >= 1000) {
      if (this.#more > 0) log.warn({ alerts: this.#more }, "more alerts in the second before");
      [this.#secondMs, this.#lines, this.#more] = [nowMs, 0, 0];
    }
    for (const alert of alerts) {
      if (this.#lines < linesPerSecond) this.#line(alert);
      else this.#more += 1;
    }
  }

  #line({ id, kind, device, detail, time, state }: Alert): void {
    const { log } = this.#options;
    const what = { id, kind, device, detail, time };
    this.#lines += 1;
    if (state === "raised") log.warn(what, "alert raised");
    else log.info(what, "alert cleared");
  }
}
