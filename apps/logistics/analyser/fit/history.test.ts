import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Observation, thinned } from "./history.ts";

const histories = fc.array(
  fc.record({
    timeMs: fc.integer({ min: 0, max: 1_000_000 }),
    value: fc.double({ noNaN: true, noDefaultInfinity: true }),
  }),
);

describe("thinned", () => {
  it("keeps observations as they are, in order, a second apart, from the end of the history, and no more than asked for", () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: 1, max: 50 }), (history, most) => {
        const kept = thinned(history, most);
        expect(kept.length).toBeLessThanOrEqual(most);
        expect(kept.every((one) => history.includes(one))).toBe(true);
        const seconds = kept.map(({ timeMs }) => Math.floor(timeMs / 1000));
        expect(seconds).toEqual([...new Set(seconds)].toSorted((a, b) => a - b));
        const latest = Math.max(...history.map(({ timeMs }) => timeMs));
        if (history.length > 0) expect(kept.at(-1)?.timeMs).toBe(latest);
      }),
    );
  });

  it("takes one out of each stretch of a long history, so that a gap leaves a gap", () => {
    const at = (second: number): Observation => ({ timeMs: second * 1000, value: second });
    const dense = Array.from({ length: 100 }, (_, i) => at(i));
    expect(thinned([...dense, at(999)], 10).map(({ value }) => value)).toEqual([99, 999]);
    expect(thinned(dense, 10).map(({ value }) => value)).toEqual([9, 19, 29, 39, 49, 59, 69, 79, 89, 99]);
  });

  it("leaves out what is no number", () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY].flatMap((bad) => [
      { timeMs: 0, value: bad },
      { timeMs: bad, value: 0 },
    ]);
    expect(thinned(odd, 10)).toEqual([]);
  });
});
