import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ring } from "./ring.ts";

describe("Ring", () => {
  it("gives the latest items from any number on, as an unbounded list would", () => {
    const numbers = {
      capacity: fc.integer({ min: 1, max: 10 }),
      pushed: fc.nat({ max: 40 }),
      first: fc.nat({ max: 50 }),
    };
    fc.assert(
      fc.property(fc.record(numbers), ({ capacity, pushed, first }) => {
        const ring = new Ring<number>(capacity);
        const all = Array.from({ length: pushed }, (_, index) => index);
        for (const item of all) ring.push(item);
        const { from, items } = ring.since(first);
        expect(items).toEqual(all.slice(-capacity).filter((item) => item >= first));
        expect(from).toBe(items[0] ?? pushed);
        expect(ring.next).toBe(pushed);
      }),
    );
  });

  it("refuses to keep nothing", () => {
    expect(() => new Ring(0)).toThrow("capacity 0");
  });
});
