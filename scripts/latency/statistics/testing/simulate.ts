import { Random } from "../../../../apps/common/random.ts";
import type { Series, Window } from "../series.ts";

/** What a simulated series looks like. */
export interface Simulation {
  readonly seed: number;
  readonly producers?: number;
  readonly repeats?: number;
  readonly blocks?: number;
  readonly imagesPerBlock?: number;
  readonly medianMs?: number;
  /** Standard deviation of the logarithm of a latency within its block. */
  readonly spread?: number;
  /** Standard deviation of the logarithm of the median from block to block. */
  readonly betweenBlocks?: number;
  /** Standard deviation of the logarithm of the median from repeat to repeat. */
  readonly betweenRepeats?: number;
  /** The part of the images that never arrive. */
  readonly loss?: number;
  readonly overloaded?: boolean;
  /** What becomes of a latency, given how far through its window it was sent (0 to 1). */
  readonly change?: (latencyMs: number, through: number) => number;
}

/** A series of log-normal latencies whose blocks, and repeats, differ: neighbours in time resemble each other. */
export function simulate(options: Simulation): Series {
  const random = new Random(options.seed);
  const { repeats = 1, producers = 1, overloaded = false } = options;
  const windows = Array.from({ length: repeats }, () => simulateWindow(random, options));
  return { producers, overloaded, windows };
}

function simulateWindow(random: Random, options: Simulation): Window {
  const { blocks = 30, imagesPerBlock = 40, medianMs = 10, spread = 0.3, loss = 0 } = options;
  const { betweenBlocks = 0.15, betweenRepeats = 0, change = (latencyMs) => latencyMs } = options;
  const ofRepeat = betweenRepeats * random.normal();
  const observations = Array.from({ length: blocks }, (_, block) => {
    const ofBlock = ofRepeat + betweenBlocks * random.normal();
    return Array.from({ length: imagesPerBlock }, (_, i) => {
      const latencyMs = medianMs * Math.exp(ofBlock + spread * random.normal());
      const through = (block + i / imagesPerBlock) / blocks;
      return {
        block,
        latencyMs: random.unit() < loss ? Number.POSITIVE_INFINITY : change(latencyMs, through),
      };
    });
  });
  return { blocks, observations: observations.flat() };
}
