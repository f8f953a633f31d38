import { type EcdfPoint, ecdf } from "./ecdf.ts";
import { ERROR_PROBABILITY, quantile, supports } from "./quantile.ts";
import { countUpTo, resample } from "./resample.ts";
import { type Series, sortedLatencies } from "./series.ts";

export const PERCENTILES: readonly number[] = [0.5, 0.9, 0.95, 0.99, 0.999];

/** A percentile with its bootstrapped 95 % confidence interval, in ms; Infinity = at images that never arrived. */
export interface Percentile {
  /** A fraction, such as 0.99. */
  readonly p: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Whether the sample is large enough to print it. */
  readonly supported: boolean;
}

/** The pointwise 95 % confidence interval of the distribution function at one latency. */
export interface BandPoint {
  readonly latencyMs: number;
  readonly low: number;
  readonly high: number;
}

/** What is known of the latency at one producer count. */
export interface Distribution {
  readonly producers: number;
  readonly overloaded: boolean;
  /** Images sent in all windows. */
  readonly n: number;
  /** How many of them never arrived. */
  readonly lost: number;
  readonly percentiles: readonly Percentile[];
  readonly band: readonly BandPoint[];
  /** Thinned for drawing. */
  readonly ecdf: readonly EcdfPoint[];
}

export interface BootstrapOptions {
  readonly seed: number;
  readonly resamples?: number;
  /** Fractions in (0, 1), in any order. */
  readonly percentiles?: readonly number[];
  /** The latencies in ms at which the band is computed, in any order; without it, 200 spread over the sample. */
  readonly grid?: readonly number[];
}

/**
 * The distribution of a series with bootstrapped confidence intervals (percentile method) over repeats and time
 * blocks, see resample(). With two or three repeats the intervals are somewhat too narrow, as the few repeats drawn
 * again vary less than new ones would.
 *
 * @throws RangeError if the series has no observations
 */
export function bootstrap(series: Series, options: BootstrapOptions): Distribution {
  const percentiles = (options.percentiles ?? PERCENTILES).toSorted(ascending);
  const grid = (options.grid ?? logGrid(sortedLatencies(series))).toSorted(ascending);
  const resamples = options.resamples ?? 1000;
  const drawn = resample(series, { resamples, seed: options.seed, percentiles, grid });
  const { sorted } = drawn;
  const n = sorted.length;
  return {
    producers: series.producers,
    overloaded: series.overloaded,
    n,
    lost: n - countUpTo(sorted, Number.MAX_VALUE),
    percentiles: percentiles.map((p, i) => ({
      p,
      value: quantile(sorted, p),
      ...interval(drawn.quantiles[i] ?? new Float64Array()),
      supported: supports(n, p),
    })),
    band: grid.map((latencyMs, i) => ({
      latencyMs,
      ...interval(drawn.fractions[i] ?? new Float64Array()),
    })),
    ecdf: ecdf(sorted),
  };
}

/** The interval that leaves out half the error probability of bootstrapped values on either side. */
export function interval(values: Float64Array, errorProbability = ERROR_PROBABILITY) {
  const sorted = values.toSorted();
  const half = errorProbability / 2;
  return { low: quantile(sorted, half), high: quantile(sorted, 1 - half) };
}

/** `count` latencies spread evenly in the logarithm over those of a sample that arrived. */
export function logGrid(sorted: Float64Array, count = 200): number[] {
  const arrived = countUpTo(sorted, Number.MAX_VALUE);
  if (arrived === 0) return [];
  const low = Math.max(sorted[0] ?? 0, 0.001);
  const high = Math.max(sorted[arrived - 1] ?? 0, low);
  const points = Array.from({ length: count }, (_, i) => low * (high / low) ** (i / (count - 1)));
  // Rounding must not put the last point before the last observation.
  return [...points.slice(0, -1), high];
}

const ascending = (a: number, b: number): number => a - b;
