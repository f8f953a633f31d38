import { describe, expect, it } from "vitest";
import { sortedLatencies } from "./series.ts";
import { settled } from "./settled.ts";
import { simulate } from "./testing/simulate.ts";

/** Windows of 200 images with these medians. */
const windows = (...medians: number[]) =>
  medians.map((medianMs, seed) => [
    ...sortedLatencies(
      simulate({ seed, medianMs, blocks: 1, imagesPerBlock: 200, betweenBlocks: 0, spread: 0.1 }),
    ),
  ]);

describe("settled", () => {
  it("is reached when the last three windows agree, whatever came before", () => {
    expect(settled(windows(900, 100, 20, 20, 20)).settled).toBe(true);
    expect(settled(windows(20, 20)).settled).toBe(false);
    expect(settled([]).settled).toBe(false);
  });

  it("is not reached while the median still falls", () => {
    const { settled: warm, median } = settled(windows(40, 30, 20));
    expect(warm).toBe(false);
    expect(median.spreadMs).toBeGreaterThan(median.toleranceMs);
  });

  it("does not mind half a millisecond", () => {
    expect(settled(windows(1, 1.2, 1.4)).settled).toBe(true);
    expect(settled(windows(1, 1.5, 2)).settled).toBe(false);
  });

  it("is not reached while the slow tenth differs, nor while images get lost", () => {
    const [a = [], b = [], c = []] = windows(20, 20, 20);
    const slow = (factor: number) => c.map((latency, i) => (i >= 160 ? latency * factor : latency));
    expect(settled([a, b, slow(2)])).toMatchObject({
      settled: false,
      p90: { toleranceMs: expect.any(Number) },
    });
    expect(settled([a, b, slow(Number.POSITIVE_INFINITY)]).p90.spreadMs).toBe(Number.POSITIVE_INFINITY);
    expect(settled([a, b, []]).settled).toBe(false);
  });
});
