import { messageOf } from "../../apps/common/errors.ts";
import { pause } from "../../apps/common/retry.ts";
import { type ClockOffset, type Exchange, offsetOf, preciseNow } from "../../lib/ssh/clock.ts";
import { MeasurementError } from "./errors.ts";

/** An answer that pages through a ring of numbered items, as `GET /latencies` and `GET /stages` are. */
export interface Page {
  /** Names the run of the app whose items these are; null before it has begun. */
  readonly run: string | null;
  /** The app's clock, µs. */
  readonly nowUs: number;
  readonly from: number;
  readonly next: number;
}

export interface FollowerOptions<P extends Page> {
  /** Without query. */
  readonly url: string;
  /** Told of each page that has new items, in order. */
  readonly onPage: (page: P) => void;
  /** What a new run of the app means: `fail` the measurement, or `follow` it from its beginning. */
  readonly onRestart: "fail" | "follow";
}

const everyMs = 500;
const requestMs = 5000;
/** An app may be paused or its machine be slow; the ring holds what comes meanwhile. */
const patienceMs = 30_000;
/** Of its last answers the quickest tells the app's clock: those of some seconds, in which no two clocks drift apart. */
const exchangesKept = 20;
/** More than any app will ever count to. */
const endOfAll = 999_999_999_999_999;

/** Follows the items of one app from now on. */
export class Follower<P extends Page> {
  readonly #options: FollowerOptions<P>;
  #run: string | null = null;
  #next = 0;
  #exchanges: readonly Exchange[] = [];
  #answeredMs = performance.now();
  #polling: Promise<void> = Promise.resolve();

  constructor(options: FollowerOptions<P>) {
    this.#options = options;
  }

  /** Notes where the items are now; what came before is passed over. */
  async begin(): Promise<void> {
    const page = await this.#ask(endOfAll);
    this.#run = page.run;
    this.#next = page.next;
  }

  /** How far the app's clock is ahead of ours, by what it answered of late. */
  get clock(): ClockOffset {
    return offsetOf(this.#exchanges);
  }

  /** The app's clock, µs: ours, put right by what it answered. */
  get nowUs(): number {
    return (preciseNow() + this.clock.offsetMs) * 1000;
  }

  /** Fetches what is new. One call at a time goes out; a second waits for the first. */
  poll(): Promise<void> {
    this.#polling = this.#polling.then(() => this.#poll());
    return this.#polling;
  }

  /** Polls until the signal aborts. @throws MeasurementError when items are lost or the app does not answer */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.poll();
      await pause(everyMs, signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  }

  async #poll(): Promise<void> {
    const page = await this.#ask(this.#next).catch((error: unknown) => this.#excuse(error));
    if (page === undefined || page.run === null) return;
    if (page.run !== this.#run) return this.#restarted(page);
    if (page.from > this.#next) {
      throw new MeasurementError(
        `${this.#options.url}: ${page.from - this.#next} items were overwritten before they were read; ` +
          "measure at a lower rate",
      );
    }
    this.#next = page.next;
    if (page.next > page.from) this.#options.onPage(page);
  }

  #restarted(page: P): void {
    const before = this.#run;
    if (before !== null && this.#options.onRestart === "fail") {
      throw new MeasurementError(
        `${this.#options.url}: the app was restarted while it was measured (run ${before}, now ${page.run}); ` +
          "look into its log and measure again",
      );
    }
    this.#run = page.run;
    this.#next = 0;
    // Its clock was set anew when it started.
    this.#exchanges = this.#exchanges.slice(-1);
  }

  async #ask(since: number): Promise<P> {
    const sentMs = preciseNow();
    const response = await fetch(`${this.#options.url}?since=${since}`, {
      signal: AbortSignal.timeout(requestMs),
    });
    const receivedMs = preciseNow();
    if (!response.ok) throw new Error(`answered ${response.status}`);
    const page = (await response.json()) as P;
    const exchange = { sentMs, answeredMs: page.nowUs / 1000, receivedMs };
    this.#exchanges = [...this.#exchanges, exchange].slice(-exchangesKept);
    this.#answeredMs = performance.now();
    return page;
  }

  #excuse(error: unknown): undefined {
    if (performance.now() - this.#answeredMs < patienceMs) return undefined;
    throw new MeasurementError(
      `${this.#options.url} has not answered for ${patienceMs / 1000} s: ${messageOf(error)}`,
    );
  }
}
