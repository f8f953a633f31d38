import { interval } from "./bootstrap.ts";
import { ERROR_PROBABILITY, quantile, supports } from "./quantile.ts";
import { resample } from "./resample.ts";
import type { Series } from "./series.ts";

/**
 * The smallest difference worth naming, as a part of the value: runs a few minutes apart on a machine that does other
 * things too differ by several percent for reasons that no run can see within itself.
 */
export const DEFAULT_MARGIN = 0.1;

export type Verdict = "differs" | "no difference beyond noise" | "not comparable";

/** An estimate and its interval at the corrected error probability. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** How one percentile of B compares with that of A. */
export interface Comparison {
  readonly p: number;
  /** In ms; Infinity = never arrived. */
  readonly a: number;
  readonly b: number;
  /** b − a in ms; 0 where both never arrived, ±Infinity where one did. */
  readonly difference: Estimate;
  /** b ÷ a; 1 where both never arrived, Infinity where only b, 0 where only a. */
  readonly ratio: Estimate;
  readonly verdict: Verdict;
}

export interface CompareOptions {
  readonly percentiles: readonly number[];
  readonly seed: number;
  /** How many comparisons are made altogether, over all percentiles and producer counts. */
  readonly comparisons: number;
  /** By default as many as leave 10 beyond either end of the corrected interval, at least 2000. */
  readonly resamples?: number;
  readonly margin?: number;
}

/**
 * Compares the percentiles of two series. The two are resampled independently of each other, and the interval of the
 * ratio is cut at the error probability divided by the number of comparisons made (Bonferroni), so that two equal runs
 * are told apart by chance in at most about one of twenty whole comparisons. It is widened by √(k ÷ (k − 1)), where k
 * is the number of repeats (of blocks, where there is one repeat), since k drawn again vary less than k new ones by
 * that factor (T. Hesterberg, "What Teachers Should Know About the Bootstrap", The American Statistician 69(4), 2015).
 *
 * A percentile "differs" only if that interval excludes 1 and the ratio is farther than the margin from 1. With one
 * repeat in either run, only what varies within a run is known, not what varies from one run to the next.
 */
export function compareSeries(a: Series, b: Series, options: CompareOptions): Comparison[] {
  const percentiles = options.percentiles.toSorted((x, y) => x - y);
  const error = ERROR_PROBABILITY / Math.max(1, options.comparisons);
  const resamples = options.resamples ?? Math.max(2000, Math.ceil(20 / error));
  const [drawnA, drawnB] = [a, b].map((series, i) =>
    resample(series, { resamples, seed: options.seed + i, percentiles, grid: [] }),
  );
  if (!drawnA || !drawnB) return [];
  const widening = Math.max(smallSample(a), smallSample(b));
  return percentiles.map((p, i) => {
    const [valueA, valueB] = [quantile(drawnA.sorted, p), quantile(drawnB.sorted, p)];
    const [rowA, rowB] = [drawnA.quantiles[i] ?? [], drawnB.quantiles[i] ?? []];
    const estimate = (of: (x: number, y: number) => number): Estimate => ({
      value: of(valueA, valueB),
      ...interval(
        Float64Array.from(rowA, (x, r) => of(x, rowB[r] ?? Number.NaN)),
        error,
      ),
    });
    const ratio = widenRatio(estimate(ratioOf), widening);
    const supported = supports(drawnA.sorted.length, p) && supports(drawnB.sorted.length, p);
    return {
      p,
      a: valueA,
      b: valueB,
      difference: widenDifference(estimate(differenceOf), widening),
      ratio,
      verdict: supported ? judge(ratio, options.margin ?? DEFAULT_MARGIN) : "not comparable",
    };
  });
}

function judge(ratio: Estimate, margin: number): Verdict {
  const excludesOne = ratio.low > 1 || ratio.high < 1;
  return excludesOne && Math.abs(ratio.value - 1) > margin ? "differs" : "no difference beyond noise";
}

const ratioOf = (a: number, b: number): number => (a === b ? 1 : b / a);
const differenceOf = (a: number, b: number): number => (a === b ? 0 : b - a);

/** √(k ÷ (k − 1)) for the k units drawn: the repeats, or the blocks of the only one. One unit tells nothing of noise. */
function smallSample(series: Series): number {
  const k = series.windows.length > 1 ? series.windows.length : (series.windows[0]?.blocks ?? 0);
  return k > 1 ? Math.sqrt(k / (k - 1)) : Number.POSITIVE_INFINITY;
}

function widenDifference({ value, low, high }: Estimate, by: number): Estimate {
  if (by === Number.POSITIVE_INFINITY) return { value, low: Number.NEGATIVE_INFINITY, high: by };
  return { value, low: widened(value, low, by), high: widened(value, high, by) };
}

/** A ratio is widened in its logarithm, where twice and half are equally far from 1. */
function widenRatio({ value, low, high }: Estimate, by: number): Estimate {
  const logs = { value: Math.log(value), low: Math.log(low), high: Math.log(high) };
  const wide = widenDifference(logs, by);
  return { value, low: Math.exp(wide.low), high: Math.exp(wide.high) };
}

/** The end of an interval, `by` times as far from the estimate; an end at images that never arrived stays. */
function widened(value: number, end: number, by: number): number {
  return Number.isFinite(value) && Number.isFinite(end) ? value + (end - value) * by : end;
}
