import { HistogramLogReader, listTags } from "hdr-histogram-js";
import { describe, expect, it } from "vitest";
import { histogram, histogramLog } from "./hdr.ts";
import { quantile } from "./quantile.ts";
import { sortedLatencies } from "./series.ts";
import { simulate } from "./testing/simulate.ts";

const series = [1, 2].map((producers) =>
  simulate({ seed: producers, producers, medianMs: 10 * producers, spread: 1, loss: 0.05 }),
);
const span = { startMs: Date.UTC(2026, 0, 2, 3, 4, 5), endMs: Date.UTC(2026, 0, 2, 3, 5, 5) };

describe("histogram", () => {
  it("keeps three significant digits of every image that arrived", () => {
    for (const one of series) {
      const arrived = sortedLatencies(one).filter((latency) => latency < Number.POSITIVE_INFINITY);
      const recorded = histogram(one);
      expect(recorded.totalCount).toBe(arrived.length);
      for (const p of [0.01, 0.5, 0.9, 0.99, 1]) {
        const ratio = recorded.getValueAtPercentile(100 * p) / 1000 / quantile(arrived, p);
        expect(ratio).toBeGreaterThan(0.999);
        expect(ratio).toBeLessThan(1.0011);
      }
    }
  });
});

describe("histogramLog", () => {
  const log = histogramLog(series, span);

  it("is read back whole by the library's reader", () => {
    expect(listTags(log)).toEqual(["producers-1", "producers-2"]);
    const reader = new HistogramLogReader(log);
    for (const one of series) {
      const read = reader.nextIntervalHistogram();
      expect(read?.tag).toBe(`producers-${one.producers}`);
      const { max, ...percentiles } = histogram(one).summary;
      expect(read?.summary).toMatchObject(percentiles);
      // The exact maximum is not part of a histogram: read back, it is the end of its three-digit bucket.
      expect((read?.maxValue ?? 0) / max).toBeCloseTo(1, 3);
    }
    expect(reader.nextIntervalHistogram()).toBeNull();
    expect(reader.startTimeSec).toBe(span.startMs / 1000);
  });

  it("is of version 1.3, one line each, without empty lines", () => {
    const lines = log.split("\n");
    expect(lines[0]).toBe("#[Histogram log format version 1.3]");
    expect(lines.slice(0, -1)).not.toContain("");
    expect(lines.at(-2)).toMatch(/^Tag=producers-2,0\.000,60\.000,[\d.]+,HISTFAAA[\w+/=]+$/);
  });
});
