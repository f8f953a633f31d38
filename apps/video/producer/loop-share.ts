import { type EventLoopUtilization, performance } from "node:perf_hooks";

/** How the process got on since the last step. */
export interface LoopLoad {
  /** Part of the time in which the event loop was at work, 0 to 1; waiting for the processor is work. */
  readonly utilization: number;
  /** Mean time from capture to acknowledgement, ms; 0 when no frame was acknowledged. */
  readonly latencyMs: number;
}

/** Part of the time that the event loop is to be at work: with less to spare, frames grow old before anybody sees them. */
const aim = 0.85;
/** From here on it is too much, and until here there is room; in between it stays as it is. */
const tooMuch = 0.95;
const roomy = 0.8;
/** Above this mean, one frame in a hundred takes more than the 100 ms that the pipeline aims at. */
const slowMs = 40;
/** A loop that is at work for less is not what frames wait for, and fewer of them would wait as long. */
const blameless = 0.4;
/** What a step leaves of the part while frames are slow. */
const decrease = 0.9;
/** The most that one step changes otherwise, and the most that it adds for some time after frames were slow. */
const fastest = 1.15;
const careful = 1.02;
const carefulSteps = 20;

/**
 * The part of their frame rates that all cameras of a process may have together, so that its one thread keeps up with
 * them; all have the same part, so that none starves for another.
 *
 * How much of the time an event loop is at work is in proportion to the rate of frames (the utilisation law, E. Lazowska
 * et al., "Quantitative System Performance", 1984, §3.2), on a machine of its own and beside other programs alike: so from
 * the present rate the one that it can do follows. Beside others it may be slow long before it is never idle; then the
 * part falls for as long as frames are slow and the loop has a part in that, and rises with care.
 */
export class LoopShare {
  readonly #least: number;
  #share = 1;
  /** Steps since frames were slow. */
  #calm = carefulSteps;

  /** @param least part that is always asked for */
  constructor(least: number) {
    this.#least = least;
  }

  /** Takes in how the last step went; steps are of about equal length, half a second. @returns the part from now on */
  step(load: LoopLoad): number {
    this.#share = Math.min(1, Math.max(this.#least, this.#share * this.#change(load)));
    return this.#share;
  }

  #change({ utilization, latencyMs }: LoopLoad): number {
    if (latencyMs > slowMs && utilization > blameless) {
      this.#calm = 0;
      return decrease;
    }
    this.#calm += 1;
    if (utilization >= roomy && utilization <= tooMuch) return 1;
    const most = this.#calm < carefulSteps ? careful : fastest;
    return Math.min(most, Math.max(1 / fastest, aim / Math.max(utilization, 0.01)));
  }
}

/** Tells how much of the time the event loop was at work since it was asked last, 0 to 1. */
export function loopMeter(): () => number {
  let before: EventLoopUtilization = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization;
  };
}
