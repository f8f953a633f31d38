/** One image of a measured window. */
export interface Observation {
  /** From the intended sending to the result, in milliseconds; Infinity = never arrived (lost, late, failed, skipped). */
  readonly latencyMs: number;
  /** Index of its time block in the window, from 0. */
  readonly block: number;
}

/** One measured window: one repeat at one producer count. */
export interface Window {
  readonly observations: readonly Observation[];
  /** How many time blocks the window was cut into. */
  readonly blocks: number;
}

/** All repeats at one producer count. */
export interface Series {
  readonly producers: number;
  readonly windows: readonly Window[];
  /** Whether the pipeline could not keep up with the rate asked. */
  readonly overloaded: boolean;
}

/** The latencies of all observations of a series, ascending, those never arrived (Infinity) last. */
export function sortedLatencies(series: Series): Float64Array {
  const all = series.windows.flatMap((window) => window.observations.map(({ latencyMs }) => latencyMs));
  return Float64Array.from(all).sort();
}
