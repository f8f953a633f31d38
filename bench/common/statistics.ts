import { quantile, supports } from "../../scripts/latency/statistics/quantile.ts";

/** Latencies in ms. A percentile that the sample is too small for is null. */
export interface LatencySummary {
  readonly n: number;
  readonly mean: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number;
}

/** @throws RangeError when there is nothing to summarise */
export function summarise(latenciesMs: readonly number[]): LatencySummary {
  const sorted = Float64Array.from(latenciesMs).sort();
  const max = sorted.at(-1);
  if (max === undefined) throw new RangeError("there are no latencies to summarise");
  const at = (p: number) => (supports(sorted.length, p) ? quantile(sorted, p) : null);
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  return { n: sorted.length, mean, p50: at(0.5), p95: at(0.95), p99: at(0.99), max };
}

/** The middle of the values, the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined) throw new RangeError("there is no median of nothing");
  return (low + high) / 2;
}

/** How one contender compares with the peer: ratios of pairs measured in the same round. */
export interface Ratio {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Ratios of what was measured side by side. What the machine did beside the bench in a round hits both of a pair, so
 * that the ratio of a pair says more than the ratio of two averages.
 *
 * @param pairs [contender, peer] of each round; those without a peer's value above 0 do not count
 * @returns undefined when no pair counts
 */
export function ratioOf(pairs: readonly (readonly [number | null, number | null])[]): Ratio | undefined {
  const ratios = pairs.flatMap(([own, peer]) =>
    own === null || peer === null || !(peer > 0) ? [] : [own / peer],
  );
  if (ratios.length === 0) return undefined;
  return { median: median(ratios), low: Math.min(...ratios), high: Math.max(...ratios) };
}

/** Random numbers in [0, 1) from a seed: mulberry32 (T. Ettinger, 2017). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The items in random order (R. Durstenfeld, "Algorithm 235: Random permutation", CACM 7(7), 1964). */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}
