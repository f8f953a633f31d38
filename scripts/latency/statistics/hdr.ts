import { build, type Histogram, HistogramLogWriter } from "hdr-histogram-js";
import { type Series, sortedLatencies } from "./series.ts";

/** Microseconds in the values' unit (ms) of a log's Interval_Max column. */
const MICROSECONDS_A_MS = 1000;

/**
 * The latencies of a series that arrived, in whole microseconds with three significant digits, tagged
 * `producers-<count>`. Images that never arrived have no latency and are not in it.
 */
export function histogram(series: Series): Histogram {
  const result = build({ bitBucketSize: 64, autoResize: true, numberOfSignificantValueDigits: 3 });
  for (const latencyMs of sortedLatencies(series)) {
    if (latencyMs === Number.POSITIVE_INFINITY) break;
    result.recordValue(Math.max(0, Math.round(latencyMs * MICROSECONDS_A_MS)));
  }
  result.tag = `producers-${series.producers}`;
  return result;
}

/** When a run's measuring began and ended, in ms since the epoch. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * An HdrHistogram log (text, version 1.3: one line a producer count, tagged, with a compressed histogram in
 * microseconds), readable by the tools of the HdrHistogram project.
 */
export function histogramLog(series: readonly Series[], { startMs, endMs }: Span): string {
  const lines: string[] = [];
  // The library ends the line of the start time twice; the log's readers know no empty lines.
  const writer = new HistogramLogWriter((text) => lines.push(text.replace(/\n+$/, "\n")));
  writer.outputLogFormatVersion();
  writer.outputComment("[End-to-end latency in microseconds; images that never arrived are not recorded]");
  writer.outputStartTime(startMs);
  writer.outputLegend();
  for (const one of series)
    writer.outputIntervalHistogram(histogram(one), 0, (endMs - startMs) / 1000, MICROSECONDS_A_MS);
  return lines.join("");
}
