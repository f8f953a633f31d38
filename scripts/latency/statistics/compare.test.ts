import { describe, expect, it } from "vitest";
import { compareSeries } from "./compare.ts";
import { type Simulation, simulate } from "./testing/simulate.ts";

const PERCENTILES = [0.5, 0.9, 0.95, 0.99];

/** The verdicts, percentile by percentile, on pairs of simulated runs. */
function verdicts(pairs: number, a: Omit<Simulation, "seed">, b: Omit<Simulation, "seed">) {
  return Array.from({ length: pairs }, (_, i) => {
    const [first, second] = [simulate({ ...a, seed: 2 * i }), simulate({ ...b, seed: 2 * i + 1 })];
    return compareSeries(first, second, { percentiles: PERCENTILES, seed: i, comparisons: 4 });
  });
}

describe("compareSeries", () => {
  it("finds no difference between runs of the same system in nearly all cases", () => {
    const same = { betweenBlocks: 0.2, betweenRepeats: 0.03, repeats: 2 };
    const found = verdicts(60, same, same).filter((all) => all.some(({ verdict }) => verdict === "differs"));
    expect(found.length).toBeLessThanOrEqual(3);
  }, 60_000);

  it("finds no difference between single runs whose images depend on their neighbours", () => {
    const same = { betweenBlocks: 0.2 };
    const found = verdicts(60, same, same).filter((all) => all.some(({ verdict }) => verdict === "differs"));
    expect(found.length).toBeLessThanOrEqual(3);
  }, 60_000);

  it("finds a system that is 30 % slower in all percentiles", () => {
    const found = verdicts(30, { betweenBlocks: 0.1 }, { betweenBlocks: 0.1, medianMs: 13 });
    const differing = found.filter((all) => all.every(({ verdict }) => verdict === "differs"));
    expect(differing.length).toBeGreaterThanOrEqual(28);
    const [median] = found[0] ?? [];
    expect(median?.ratio.value).toBeCloseTo(1.3, 0);
    expect(median?.difference.low).toBeGreaterThan(0);
  }, 60_000);

  it("names no difference that is clear, but smaller than the margin", () => {
    const options = { blocks: 60, imagesPerBlock: 200, betweenBlocks: 0 };
    const [a, b] = [simulate({ ...options, seed: 1 }), simulate({ ...options, seed: 2, medianMs: 10.5 })];
    const compared = (margin: number) =>
      compareSeries(a, b, { percentiles: [0.5], seed: 1, comparisons: 1, margin })[0];
    expect(compared(0.1)?.verdict).toBe("no difference beyond noise");
    expect(compared(0.1)?.ratio.low).toBeGreaterThan(1);
    expect(compared(0.02)?.verdict).toBe("differs");
  });

  it("does not compare percentiles that a sample is too small for", () => {
    const [a, b] = [simulate({ seed: 1 }), simulate({ seed: 2, blocks: 10, imagesPerBlock: 20 })];
    const compared = compareSeries(a, b, { percentiles: PERCENTILES, seed: 1, comparisons: 4 });
    expect(compared.at(-1)).toMatchObject({ p: 0.99, verdict: "not comparable" });
  });

  it("tells a percentile that never arrived from one that did", () => {
    const [whole, lossy] = [simulate({ seed: 1 }), simulate({ seed: 2, loss: 0.2 })];
    const p90 = (a: typeof whole, b: typeof whole) =>
      compareSeries(a, b, { percentiles: [0.9], seed: 1, comparisons: 1 })[0];
    const never = Number.POSITIVE_INFINITY;
    expect(p90(whole, lossy)).toMatchObject({
      b: never,
      verdict: "differs",
      ratio: { value: never, low: never, high: never },
    });
    expect(p90(lossy, whole)).toMatchObject({ a: never, verdict: "differs", ratio: { value: 0 } });
    expect(p90(lossy, simulate({ seed: 3, loss: 0.2 }))).toMatchObject({
      verdict: "no difference beyond noise",
      ratio: { value: 1, low: 1, high: 1 },
      difference: { value: 0, low: 0, high: 0 },
    });
  });

  it("knows no noise, and so no difference, where each run is a single block", () => {
    const [a, b] = [simulate({ seed: 1, blocks: 1 }), simulate({ seed: 2, blocks: 1, medianMs: 100 })];
    const [median] = compareSeries(a, b, { percentiles: [0.5], seed: 1, comparisons: 1 });
    expect(median).toMatchObject({ verdict: "no difference beyond noise", ratio: { low: 0 } });
  });
});
