import { monitorEventLoopDelay } from "node:perf_hooks";

/** How often the lag is sampled, ms; the samples contain it. */
const resolutionMs = 50;

/** Measures how much later than asked for the event loop runs its timers. */
export class LoopLag {
  readonly #histogram = monitorEventLoopDelay({ resolution: resolutionMs });

  constructor() {
    this.#histogram.enable();
  }

  /** The median lag since the last call, ms: one long pause, such as for collecting garbage, is no trouble. */
  takeMs(): number {
    const delayMs = this.#histogram.count === 0 ? 0 : this.#histogram.percentile(50) / 1e6;
    this.#histogram.reset();
    return Math.max(0, delayMs - resolutionMs);
  }

  stop(): void {
    this.#histogram.disable();
  }
}
