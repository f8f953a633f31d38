/** The error probability of every interval of these statistics: 95 % two-sided. */
export const ERROR_PROBABILITY = 0.05;

/**
 * The quantile of a sample as the inverse of its empirical distribution function: the smallest observation that at
 * least the fraction p of the sample does not exceed (type 1 of R. Hyndman and Y. Fan, "Sample Quantiles in
 * Statistical Packages", The American Statistician 50(4), 1996). It is always an observation, so that images which
 * never arrived (Infinity) need no interpolation: a quantile that falls on one is Infinity.
 *
 * @param sorted ascending, not empty
 * @param p in (0, 1]
 */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  const value = sorted[rank(sorted.length, p) - 1];
  if (value === undefined) throw new RangeError("A sample without observations has no quantiles.");
  return value;
}

/**
 * The same quantile of observations that count several times or not at all.
 *
 * @param sorted ascending
 * @param weights how often each observation counts: integers ≥ 0, not all 0
 */
export function weightedQuantile(sorted: ArrayLike<number>, weights: ArrayLike<number>, p: number): number {
  let total = 0;
  for (let i = 0; i < sorted.length; i += 1) total += weights[i] ?? 0;
  const wanted = rank(total, p);
  let below = 0;
  for (let i = 0; i < sorted.length; i += 1) {
    below += weights[i] ?? 0;
    if (below >= wanted) return sorted[i] ?? Number.NaN;
  }
  throw new RangeError("A sample without observations has no quantiles.");
}

/** Which observation of n in ascending order, from 1, is the quantile p: the smallest k with k ÷ n ≥ p. */
export function rank(n: number, p: number): number {
  if (!(p > 0 && p <= 1)) throw new RangeError(`A quantile is asked for in (0, 1], not ${p}.`);
  // 0.07 × 100 is 7.000000000000001 in binary: a product this near an integer means that integer.
  const product = n * p;
  const nearest = Math.round(product);
  return Math.max(1, Math.abs(product - nearest) < 1e-9 * n ? nearest : Math.ceil(product));
}

/**
 * Whether a sample of n is large enough to print the quantile p: whether its distribution-free 95 % confidence
 * interval exists, whose ends are order statistics. The quantile lies above the largest observation with probability
 * pⁿ and below the smallest with probability (1 − p)ⁿ; where one of these exceeds 2.5 %, even the extreme observation
 * bounds the quantile not well enough (H. David and H. Nagaraja, Order Statistics, 3rd ed., Wiley 2003, section 7.1).
 * That takes 368 observations for p99 and 3688 for p99.9. It is necessary, not sufficient, where latencies in a row
 * resemble each other; how sure the value is then says the bootstrapped interval.
 */
export function supports(n: number, p: number): boolean {
  return Math.max(p, 1 - p) ** n <= ERROR_PROBABILITY / 2;
}

/** The least number of observations that supports the quantile p in (0, 1). */
export function minimumSample(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`A percentile is a fraction in (0, 1), not ${p}.`);
  const n = Math.floor(Math.log(ERROR_PROBABILITY / 2) / Math.log(Math.max(p, 1 - p)));
  return supports(n, p) ? n : n + 1;
}
