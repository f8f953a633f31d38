import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ecdf } from "./ecdf.ts";
import { countUpTo } from "./resample.ts";
import { sortedLatencies } from "./series.ts";
import { simulate } from "./testing/simulate.ts";

describe("ecdf", () => {
  it("stays, with at most about 600 points, within 1/300 of the whole function", () => {
    const many = simulate({ seed: 1, blocks: 60, imagesPerBlock: 500, loss: 0.03 });
    const sorted = sortedLatencies(many);
    const points = ecdf(sorted);
    expect(points.length).toBeLessThanOrEqual(602);
    for (const [i, latency] of sorted.entries()) {
      if (latency === Number.POSITIVE_INFINITY) break;
      const drawn = points.findLast((point) => point.latencyMs <= latency)?.fraction ?? 0;
      expect(Math.abs(countUpTo(sorted, latency) / sorted.length - drawn), `at ${i}`).toBeLessThanOrEqual(
        1 / 300,
      );
    }
  });

  it("is exact at its points, rises, and ends at the part that arrived", () => {
    const latencies = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(latencies, fc.nat(20), (arrived, lost) => {
        const all = [...arrived, ...Array<number>(lost).fill(Number.POSITIVE_INFINITY)];
        const sorted = Float64Array.from(all).sort();
        const points = ecdf(sorted);
        for (const { latencyMs, fraction } of points)
          expect(fraction).toBeCloseTo(countUpTo(sorted, latencyMs) / all.length, 12);
        for (const [i, { fraction }] of points.entries())
          expect(fraction).toBeGreaterThan(points[i - 1]?.fraction ?? 0);
        expect(points.at(-1)?.fraction).toBeCloseTo(arrived.length / all.length, 12);
      }),
    );
  });

  it("has no points where nothing arrived", () => {
    expect(ecdf(Float64Array.of(Number.POSITIVE_INFINITY))).toEqual([]);
  });
});
