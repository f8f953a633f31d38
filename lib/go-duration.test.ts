import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatGoDuration, parseGoDuration } from "./go-duration.ts";

describe("formatGoDuration", () => {
  // Printed by Go: fmt.Println(time.Duration(ms) * time.Millisecond).
  it.each([
    [0, "0s"],
    [1, "1ms"],
    [999, "999ms"],
    [1000, "1s"],
    [1500, "1.5s"],
    [59_999, "59.999s"],
    [60_000, "1m0s"],
    [90_000, "1m30s"],
    [3_600_000, "1h0m0s"],
    [3_661_001, "1h1m1.001s"],
    [360_000_000, "100h0m0s"],
  ])("writes %i ms as %s", (ms, text) => {
    expect(formatGoDuration(ms)).toBe(text);
  });

  it("is undone by parseGoDuration", () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e11 }), (ms) => {
        expect(Math.round(parseGoDuration(formatGoDuration(ms)) ?? Number.NaN)).toBe(ms);
      }),
    );
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses %d", (ms) => {
    expect(() => formatGoDuration(ms)).toThrow(RangeError);
  });
});

describe("parseGoDuration", () => {
  it.each([
    ["60s", 60_000],
    ["1m0s", 60_000],
    ["1.5m", 90_000],
    ["250ms", 250],
  ])("reads %s", (text, ms) => expect(parseGoDuration(text)).toBe(ms));

  it.each(["", "5", "5 s", "five", "-1s", "1d"])("refuses %j", (text) => {
    expect(parseGoDuration(text)).toBeUndefined();
  });
});
