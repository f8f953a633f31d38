import type { Sample } from "../../apps/classification/producer/matcher.ts";
import { type Settling, settled } from "./statistics/settled.ts";

/** Images that a window of the warm-up should have, so that its 90th percentile says something. */
const imagesPerWindow = 60;
const shortestWindowMs = 3000;
const longestWindowMs = 15_000;

/** Length of a warm-up window at this rate of all producers together. */
export function warmUpWindowMs(imagesPerSecond: number): number {
  const wantedMs = (imagesPerWindow / imagesPerSecond) * 1000;
  return Math.min(longestWindowMs, Math.max(shortestWindowMs, wantedMs));
}

/** Cuts what becomes known during the warm-up into windows and says when the last ones agree. */
export class WarmUp {
  readonly #windowMs: number;
  readonly #startMs: number;
  readonly #windows: number[][] = [];
  #current: number[] = [];

  constructor(windowMs: number, nowMs: number) {
    this.#windowMs = windowMs;
    this.#startMs = nowMs;
  }

  /** Takes fates as they become known; what never arrived counts as infinitely late. */
  add(samples: readonly Sample[]): void {
    for (const { outcome, receivedUs, scheduledUs } of samples) {
      if (outcome === "late") continue;
      const arrived = outcome === "received" && receivedUs !== null;
      this.#current.push(arrived ? (receivedUs - scheduledUs) / 1000 : Number.POSITIVE_INFINITY);
    }
  }

  /** Closes windows whose time is over. @returns undefined until there is one */
  check(nowMs: number): Settling | undefined {
    if (nowMs - this.#startMs >= (this.#windows.length + 1) * this.#windowMs) {
      this.#windows.push(this.#current);
      this.#current = [];
    }
    return this.#windows.length === 0 ? undefined : settled(this.#windows);
  }
}
