import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { minimumSample, quantile, rank, supports, weightedQuantile } from "./quantile.ts";

const latency = fc.oneof(
  { weight: 9, arbitrary: fc.double({ min: 0.01, max: 1e5, noNaN: true }) },
  { weight: 1, arbitrary: fc.constant(Number.POSITIVE_INFINITY) },
);
const sample = fc.array(latency, { minLength: 1, maxLength: 60 }).map((all) => Float64Array.from(all).sort());
const fraction = fc.double({ min: 0.001, max: 1, noNaN: true });

describe("quantile", () => {
  it("is the smallest observation that at least the fraction p does not exceed", () => {
    fc.assert(
      fc.property(sample, fraction, (sorted, p) => {
        const value = quantile(sorted, p);
        const part = (count: number) => count / sorted.length;
        expect(part(sorted.filter((x) => x <= value).length)).toBeGreaterThanOrEqual(p - 1e-9);
        expect(part(sorted.filter((x) => x < value).length)).toBeLessThan(p);
      }),
    );
  });

  it("is Infinity exactly where it falls on an image that never arrived", () => {
    const sorted = [1, 2, 3, Number.POSITIVE_INFINITY];
    expect(quantile(sorted, 0.75)).toBe(3);
    expect(quantile(sorted, 0.76)).toBe(Number.POSITIVE_INFINITY);
  });

  it("with weights is that of a sample in which each observation is repeated so often", () => {
    const weighted = fc.array(fc.tuple(latency, fc.nat(4)), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(weighted, fraction, (pairs, p) => {
        fc.pre(pairs.some(([, weight]) => weight > 0));
        const sorted = pairs.toSorted(([a], [b]) => (a === b ? 0 : a < b ? -1 : 1));
        const repeated = sorted.flatMap(([value, weight]) => Array<number>(weight).fill(value));
        const [values, weights] = [sorted.map(([value]) => value), sorted.map(([, weight]) => weight)];
        expect(weightedQuantile(values, weights, p)).toBe(quantile(repeated, p));
      }),
    );
  });

  it("is not moved by the binary rounding of p × n", () => {
    expect(0.07 * 100).toBeGreaterThan(7);
    expect(rank(100, 0.07)).toBe(7);
    expect(rank(1000, 0.999)).toBe(999);
  });

  it("refuses what has no quantile", () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError);
    expect(() => quantile([1], 0)).toThrow(RangeError);
    expect(() => weightedQuantile([1, 2], [0, 0], 0.5)).toThrow(RangeError);
  });
});

describe("minimumSample", () => {
  it.each([
    [0.5, 6],
    [0.9, 36],
    [0.95, 72],
    [0.99, 368],
    [0.999, 3688],
    [0.1, 36],
  ])("for the quantile %d is %d", (p, n) => {
    expect(minimumSample(p)).toBe(n);
    expect(supports(n, p)).toBe(true);
    expect(supports(n - 1, p)).toBe(false);
  });
});
