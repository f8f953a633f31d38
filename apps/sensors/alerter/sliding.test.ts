import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SlidingWindow } from "./sliding.ts";

/** By the definition, from a copy that is sorted each time. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  return (at((sorted.length - 1) >> 1) + at(sorted.length >> 1)) / 2;
}

describe("SlidingWindow", () => {
  it("has the median and the median absolute deviation of the last numbers", () => {
    // Few different ones, so that many are equal.
    const numbers = fc.array(
      fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, min: -1e6, max: 1e6 })),
      {
        minLength: 1,
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), numbers, (size, values) => {
        const window = new SlidingWindow(size);
        values.forEach((value, index) => {
          window.push(value);
          const last = values.slice(Math.max(0, index + 1 - size), index + 1);
          const middle = median(last);
          expect(window.count).toBe(last.length);
          expect(window.median()).toBe(middle);
          expect(window.mad()).toBeCloseTo(median(last.map((one) => Math.abs(one - middle))), 6);
        });
      }),
    );
  });

  it("has none of nothing", () => {
    expect(new SlidingWindow(3).median()).toBeNaN();
    expect(new SlidingWindow(3).mad()).toBeNaN();
  });
});
