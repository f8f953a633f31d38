import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pauseMs, shiftOf } from "./replay.ts";

const dayMs = 86_400_000;
const weekMs = 7 * dayMs;
const ms = fc.integer({ min: 0, max: 60 * 365 * dayMs });

describe("shiftOf", () => {
  it("moves by whole weeks, so that the file ends in the week before now", () => {
    fc.assert(
      fc.property(ms, ms, fc.nat(100 * dayMs), (nowMs, firstMs, length) => {
        const lastMs = firstMs + length;
        const shift = shiftOf({ firstMs, lastMs }, 0, nowMs, "shifted");
        expect(Math.abs(shift % weekMs)).toBe(0);
        expect(nowMs - (lastMs + shift)).toBeGreaterThanOrEqual(0);
        expect(nowMs - (lastMs + shift)).toBeLessThan(weekMs);
      }),
    );
  });

  it("has each pass begin after the one before, at the same time of a week", () => {
    fc.assert(
      fc.property(ms, fc.nat(100 * dayMs), fc.nat(50), (firstMs, length, pass) => {
        const extent = { firstMs, lastMs: firstMs + length };
        const [one, next] = [pass, pass + 1].map((number) => shiftOf(extent, number, firstMs, "shifted"));
        const step = (next ?? 0) - (one ?? 0);
        expect(step % weekMs).toBe(0);
        expect(step).toBeGreaterThan(length);
        expect(step).toBeLessThanOrEqual(length + weekMs);
      }),
    );
  });

  it("leaves the file's own times alone", () => {
    expect(shiftOf({ firstMs: 5, lastMs: 9 }, 3, 1e12, "file")).toBe(0);
  });
});

describe("pauseMs", () => {
  const at = { nowMs: 1000, speed: 10 };
  it("is shorter by the speed for what is past, and until its time for what is not", () => {
    expect(pauseMs(500, undefined, { ...at, timing: "shifted" })).toBeLessThanOrEqual(0);
    expect(pauseMs(500, 400, { ...at, timing: "shifted" })).toBe(10);
    expect(pauseMs(1500, 500, { ...at, timing: "shifted" })).toBe(500);
    expect(pauseMs(1500, 500, { ...at, timing: "file" })).toBe(100);
  });

  it("is nothing for a line that is older than the one before", () => {
    expect(pauseMs(400, 500, { ...at, timing: "file" })).toBe(0);
  });
});
