import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Load, RateController } from "./rate.ts";

const idle: Load = { queued: 0, sendMs: 4, lagMs: 1 };
const stepSeconds = 0.5;

/** Runs a camera of 30 fps against a sender of so many frames a second. @returns the rate after each step */
function simulate(controller: RateController, capacities: readonly number[], maxQueued = 60): number[] {
  let queued = 0;
  return capacities.map((capacity) => {
    queued += (controller.fps - capacity) * stepSeconds;
    queued = Math.min(maxQueued, Math.max(0, queued));
    return controller.step({ ...idle, queued: Math.floor(queued) });
  });
}

const constant = (capacity: number, steps: number) => Array.from({ length: steps }, () => capacity);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("RateController", () => {
  it("holds the target while nothing is in the way", () => {
    expect(new Set(simulate(new RateController({ target: 30 }), constant(60, 100)))).toEqual(new Set([30]));
  });

  it.each([
    ["a queue", { ...idle, queued: 6 }],
    ["slow acknowledgements", { ...idle, sendMs: 600 }],
    ["a busy event loop", { ...idle, lagMs: 80 }],
  ])("falls because of %s, step by step, to the floor and not below", (_what, load) => {
    const controller = new RateController({ target: 30 });
    const rates = Array.from({ length: 40 }, () => controller.step(load));
    for (const [index, rate] of rates.entries()) {
      expect(rate).toBeGreaterThanOrEqual((rates[index - 1] ?? 30) * 0.75);
      expect(rate).toBeGreaterThanOrEqual(1);
    }
    expect(rates.at(-1)).toBe(1);
  });

  it("settles near what can be sent, with little swing", () => {
    fc.assert(
      fc.property(fc.double({ min: 4, max: 28, noNaN: true }), (capacity) => {
        const rates = simulate(new RateController({ target: 30 }), constant(capacity, 400)).slice(100);
        expect(mean(rates)).toBeGreaterThan(capacity * 0.75);
        expect(mean(rates)).toBeLessThan(capacity * 1.1 + 0.5);
        for (const [index, rate] of rates.entries()) {
          const before = rates[index - 1] ?? rate;
          expect(rate).toBeGreaterThanOrEqual(before * 0.79);
          expect(rate).toBeLessThanOrEqual(before + 1.51);
        }
      }),
    );
  });

  it("is back at the target within a minute of any trouble", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 40, noNaN: true }), { maxLength: 200 }), (trouble) => {
        const controller = new RateController({ target: 30 });
        simulate(controller, trouble);
        expect(simulate(controller, constant(100, 120)).at(-1)).toBe(30);
      }),
    );
  });

  it("never leaves the range from floor to target, whatever it is told", () => {
    const load = fc.record({
      queued: fc.nat(100),
      sendMs: fc.double({ min: 0, max: 1e5, noNaN: true }),
      lagMs: fc.double({ min: 0, max: 1e4, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 120, noNaN: true }), fc.array(load), (target, loads) => {
        const controller = new RateController({ target });
        for (const each of loads) {
          const rate = controller.step(each);
          expect(rate).toBeLessThanOrEqual(target);
          expect(rate).toBeGreaterThanOrEqual(Math.min(1, target));
        }
      }),
    );
  });
});
