import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pauseMs, shiftOf } from "./replay.ts";

const weekMs = 7 * 86_400_000;
const ms = fc.integer({ min: 0, max: 3000 * weekMs });

describe("shiftOf", () => {
  it("moves by whole weeks, so that the file ends in the week before now", () => {
    fc.assert(
      fc.property(ms, ms, (nowMs, lastMs) => {
        const shift = shiftOf(lastMs, nowMs, "shifted");
        expect(Math.abs(shift % weekMs)).toBe(0);
        expect(nowMs - (lastMs + shift)).toBeGreaterThanOrEqual(0);
        expect(nowMs - (lastMs + shift)).toBeLessThan(weekMs);
      }),
    );
  });

  it("leaves the file's own times alone", () => {
    expect(shiftOf(9, 1e12, "file")).toBe(0);
  });
});

describe("pauseMs", () => {
  it("is what lies between two lines, shorter by the speed", () => {
    expect(pauseMs(500, undefined, 10)).toBe(0);
    expect(pauseMs(500, 400, 10)).toBe(10);
    expect(pauseMs(500, 400, 0.5)).toBe(200);
  });

  it("is nothing for a line that is older than the one before", () => {
    expect(pauseMs(400, 500, 10)).toBe(0);
  });
});
