import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { latencyLabel, logAxis } from "./axis.ts";

describe("logAxis", () => {
  it("holds every latency between two steps of 1-2-5", () => {
    const latencies = fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(latencies, (all) => {
        const { low, high, ticks, labelled } = logAxis(all);
        expect(low).toBeLessThanOrEqual(Math.min(...all));
        expect(high).toBeGreaterThanOrEqual(Math.max(...all));
        expect(high).toBeGreaterThan(low);
        expect([ticks.at(0), ticks.at(-1)]).toEqual([low, high]);
        for (const tick of ticks) expect(String(tick).replace(/e\+?/, "")).toMatch(/^0*\.?0*[125]/);
        expect(labelled.every((tick) => ticks.includes(tick))).toBe(true);
        expect(labelled.length).toBeGreaterThan(1);
      }),
    );
  });

  it("labels every step of a short axis and the powers of ten of a long one", () => {
    expect(logAxis([3, 80]).labelled).toEqual([2, 5, 10, 20, 50, 100]);
    expect(logAxis([3, 18_000]).labelled).toEqual([10, 100, 1000, 10_000]);
  });

  it("spans something even where nothing arrived", () => {
    expect(logAxis([])).toMatchObject({ low: 1, high: 1000 });
  });
});

describe("latencyLabel", () => {
  it("gives seconds from one second on", () => {
    expect([0.5, 20, 1000, 5000].map(latencyLabel)).toEqual(["0.5 ms", "20 ms", "1 s", "5 s"]);
  });
});
