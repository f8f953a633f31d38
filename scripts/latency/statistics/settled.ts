import { quantile } from "./quantile.ts";

/** How many windows in a row must agree: two may do so by chance while the latency still falls. */
export const AGREEING_WINDOWS = 3;

/** How far apart a percentile of the windows may lie: the larger of a part of the smallest and a time. */
interface Tolerance {
  readonly p: number;
  readonly relative: number;
  readonly absoluteMs: number;
}

/** A warm pipeline's median varies by a few percent; below 5 ms the system clock and the scheduler decide, not warmth. */
export const MEDIAN_TOLERANCE: Tolerance = { p: 0.5, relative: 0.1, absoluteMs: 0.5 };

/** The slow tenth varies more: a window of a few hundred images holds but a few dozen of them, some behind a pause. */
export const P90_TOLERANCE: Tolerance = { p: 0.9, relative: 0.25, absoluteMs: 2 };

/** How far apart the last windows are. */
export interface Spread {
  /** Largest less smallest, in ms; Infinity if one is at images that never arrived. */
  readonly spreadMs: number;
  /** The largest spread that counts as agreement, in ms. */
  readonly toleranceMs: number;
}

export interface Settling {
  readonly settled: boolean;
  /** How many of the last windows were looked at; fewer than AGREEING_WINDOWS are never settled. */
  readonly windows: number;
  readonly median: Spread;
  readonly p90: Spread;
}

/**
 * Whether the pipeline is warm: whether the last three windows agree in their medians and in their 90th percentiles.
 *
 * @param windows the latencies of successive windows in ms (Infinity = never arrived), the latest last; one without
 *   observations agrees with none
 */
export function settled(windows: readonly (readonly number[])[]): Settling {
  const last = windows.slice(-AGREEING_WINDOWS).map((latencies) => Float64Array.from(latencies).sort());
  const median = spread(last, MEDIAN_TOLERANCE);
  const p90 = spread(last, P90_TOLERANCE);
  return {
    settled: last.length === AGREEING_WINDOWS && agrees(median) && agrees(p90),
    windows: last.length,
    median,
    p90,
  };
}

const agrees = ({ spreadMs, toleranceMs }: Spread): boolean => spreadMs <= toleranceMs;

function spread(windows: readonly Float64Array[], { p, relative, absoluteMs }: Tolerance): Spread {
  const values = windows.map((sorted) =>
    sorted.length === 0 ? Number.POSITIVE_INFINITY : quantile(sorted, p),
  );
  const never = values.length === 0 || values.includes(Number.POSITIVE_INFINITY);
  if (never) return { spreadMs: Number.POSITIVE_INFINITY, toleranceMs: absoluteMs };
  const smallest = Math.min(...values);
  return {
    spreadMs: Math.max(...values) - smallest,
    toleranceMs: Math.max(relative * smallest, absoluteMs),
  };
}
