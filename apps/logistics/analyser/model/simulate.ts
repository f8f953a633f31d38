import { driftOf, futuresOf } from "./futures.ts";
import type { Model } from "./model.ts";

/** How far observations lie from what is forecast, in scaled values: the bounds of a model's share of them. */
export type Spread = readonly [lower: number, upper: number];

/**
 * The spread of simulated futures at a scaled time (Taylor and Letham 2018, section 3.1.4): after the end of the history,
 * 1, the trend goes on changing as often as it could before, as a Poisson process, by Laplace-distributed changes of the
 * mean magnitude of the fitted ones; each observation has normal noise. The generator is seeded by the model, so the
 * same futures are seen at every time, and seen again when they are asked for again.
 * @param factor by which seasonalities stretch the trend
 */
export function spreadAt({ trend, noise, intervals }: Model, time: number, factor: number): Spread {
  const rate = trend.changepoints.length;
  const magnitude = mean(trend.changepoints.map(({ change }) => Math.abs(change)));
  const ahead = trend.growth === "linear" ? rate * Math.max(0, time - 1) : 0;
  // Of a change of mean magnitude 1 every unit to the model's own unit.
  const perDrift = rate === 0 ? 0 : (factor * magnitude) / rate;
  const futures = futuresOf(intervals.seed, intervals.samples);
  const distances = Float64Array.from(
    futures,
    (future) => noise * future.noise + perDrift * (ahead === 0 ? 0 : driftOf(future, ahead)),
  ).sort();
  const tail = (1 - intervals.width) / 2;
  return [quantileOf(distances, tail), quantileOf(distances, 1 - tail)];
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** With linear interpolation between the order statistics, as Prophet does it (type 7 of Hyndman and Fan 1996). */
function quantileOf(sorted: Float64Array, share: number): number {
  const rank = share * (sorted.length - 1);
  const below = Math.floor(rank);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[below + 1] ?? low;
  return low + (high - low) * (rank - below);
}
