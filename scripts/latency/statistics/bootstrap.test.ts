import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bootstrap, logGrid } from "./bootstrap.ts";
import { quantile } from "./quantile.ts";
import { resample } from "./resample.ts";
import { type Series, sortedLatencies } from "./series.ts";
import { simulate } from "./testing/simulate.ts";

const arbitrarySeries: fc.Arbitrary<Series> = fc
  .record({
    seed: fc.integer(),
    repeats: fc.integer({ min: 1, max: 3 }),
    blocks: fc.integer({ min: 1, max: 6 }),
    imagesPerBlock: fc.integer({ min: 1, max: 20 }),
    loss: fc.constantFrom(0, 0.1, 1),
  })
  .map(simulate);

describe("bootstrap", () => {
  it("holds intervals around fractions that never fall with the latency", () => {
    fc.assert(
      fc.property(arbitrarySeries, (series) => {
        const { n, lost, percentiles, band, ecdf } = bootstrap(series, { seed: 1, resamples: 100 });
        const sorted = sortedLatencies(series);
        expect(n).toBe(sorted.length);
        expect(lost).toBe(sorted.filter((x) => x === Number.POSITIVE_INFINITY).length);
        for (const { low, high } of [...percentiles, ...band]) expect(low).toBeLessThanOrEqual(high);
        for (const [i, { low }] of band.entries()) expect(low).toBeGreaterThanOrEqual(band[i - 1]?.low ?? 0);
        expect(ecdf.at(-1)?.fraction ?? 0).toBeCloseTo((n - lost) / n, 12);
      }),
      { numRuns: 50 },
    );
  });

  it("draws, of one repeat with one block, always that block", () => {
    const series = simulate({ seed: 3, blocks: 1, imagesPerBlock: 50 });
    const { percentiles } = bootstrap(series, { seed: 1 });
    for (const { value, low, high } of percentiles) expect([low, high]).toEqual([value, value]);
  });

  it("is the same for the same seed, and another for another", () => {
    const series = simulate({ seed: 4, repeats: 2 });
    const [one, same, other] = [1, 1, 2].map((seed) => bootstrap(series, { seed, resamples: 200 }));
    expect(same).toEqual(one);
    expect(other?.percentiles).not.toEqual(one?.percentiles);
  });

  it("covers the true median of dependent latencies about as often as it says", () => {
    const runs = 200;
    const covered = (blocks: (series: Series) => Series) =>
      Array.from({ length: runs }, (_, seed) => {
        const series = blocks(simulate({ seed, betweenBlocks: 0.2 }));
        const [median] = bootstrap(series, {
          seed,
          resamples: 300,
          percentiles: [0.5],
          grid: [],
        }).percentiles;
        return median && median.low <= 10 && median.high >= 10 ? 1 : 0;
      }).reduce((sum: number, one) => sum + one, 0) / runs;
    expect(covered((series) => series)).toBeGreaterThan(0.88);
    // Each image a block of its own, the dependence is lost and the interval far too narrow.
    expect(covered(asIndependent)).toBeLessThan(0.6);
  }, 60_000);

  it("varies as much as the repeats do", () => {
    const widths = (betweenRepeats: number) =>
      Float64Array.from({ length: 20 }, (_, seed) => {
        const series = simulate({ seed, repeats: 5, betweenRepeats });
        const [median] = bootstrap(series, { seed: 1, percentiles: [0.5], grid: [] }).percentiles;
        return median ? median.high / median.low : Number.NaN;
      });
    expect(quantile(widths(0).sort(), 0.5)).toBeLessThan(1.15);
    expect(quantile(widths(0.3).sort(), 0.5)).toBeGreaterThan(1.4);
  }, 60_000);

  it("gives no percentile that the sample is too small for as supported", () => {
    const { percentiles } = bootstrap(simulate({ seed: 5, blocks: 10, imagesPerBlock: 36 }), { seed: 1 });
    expect(percentiles.map(({ p, supported }) => [p, supported])).toEqual([
      [0.5, true],
      [0.9, true],
      [0.95, true],
      [0.99, false],
      [0.999, false],
    ]);
  });

  it("refuses a series without images", () => {
    const empty = { producers: 2, overloaded: false, windows: [{ blocks: 3, observations: [] }] };
    expect(() => bootstrap(empty, { seed: 1 })).toThrow(/No image .* 2 producer/);
  });
});

describe("resample", () => {
  it("gives fractions and quantiles of one and the same resample", () => {
    fc.assert(
      fc.property(arbitrarySeries, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (series, p) => {
        const grid = logGrid(sortedLatencies(series), 30);
        const { quantiles, fractions } = resample(series, { resamples: 20, seed: 1, percentiles: [p], grid });
        for (const [i, latency] of grid.entries())
          for (const [r, value] of (quantiles[0] ?? []).entries()) {
            const fraction = fractions[i]?.[r] ?? Number.NaN;
            if (value <= latency) expect(fraction).toBeGreaterThanOrEqual(p - 1e-9);
            else expect(fraction).toBeLessThan(p);
          }
      }),
      { numRuns: 50 },
    );
  });
});

/** The same observations, each in a block of its own. */
function asIndependent(series: Series): Series {
  const windows = series.windows.map(({ observations }) => ({
    blocks: observations.length,
    observations: observations.map(({ latencyMs }, block) => ({ latencyMs, block })),
  }));
  return { ...series, windows };
}
