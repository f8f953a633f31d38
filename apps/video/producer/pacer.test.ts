import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pacer } from "./pacer.ts";

/** Arrival times of a source of `fps` with jitter as a part of its interval, µs. */
function arrivals(fps: number, seconds: number, jitter: readonly number[] = [0]): number[] {
  const intervalUs = 1e6 / fps;
  return Array.from(
    { length: Math.floor(fps * seconds) },
    (_, index) => (index + (jitter[index % jitter.length] ?? 0)) * intervalUs,
  );
}

function taken(pacer: Pacer, times: readonly number[]): number[] {
  return times.filter((time) => pacer.take(time));
}

const jitters = fc.array(fc.double({ min: 0, max: 0.3, noNaN: true }), { minLength: 1, maxLength: 50 });

describe("Pacer", () => {
  it("takes every second frame of 60 to give 30, at equal intervals", () => {
    const times = taken(new Pacer(30), arrivals(60, 60));
    expect(times.length).toBeGreaterThanOrEqual(1798);
    expect(times.length).toBeLessThanOrEqual(1804);
    const gaps = times.slice(100).map((time, index) => time - (times[99 + index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(34_000);
    expect(Math.min(...gaps)).toBeGreaterThan(33_000);
  });

  it("takes every frame of a source that is not faster than 2 % above the target, whatever its jitter", () => {
    fc.assert(
      fc.property(fc.double({ min: 5, max: 30.5, noNaN: true }), jitters, (fps, jitter) => {
        const times = arrivals(fps, 60, jitter);
        expect(taken(new Pacer(30), times)).toEqual(times);
      }),
      { numRuns: 50 },
    );
  });

  it("gives the target rate of any source that is faster, without drift", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 33, max: 240, noNaN: true }),
        fc.integer({ min: 1, max: 30 }),
        jitters,
        (fps, target, jitter) => {
          const count = taken(new Pacer(target), arrivals(fps, 120, jitter)).length;
          // Until the source's rate is known some frames more are taken.
          expect(count).toBeGreaterThanOrEqual(120 * target - 3);
          expect(count).toBeLessThanOrEqual(120 * target + 32);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("never makes up for a pause with a burst", () => {
    const pacer = new Pacer(10);
    taken(pacer, arrivals(60, 10));
    const after = arrivals(60, 1).map((time) => time + 60e6);
    expect(taken(pacer, after).length).toBeLessThanOrEqual(12);
  });

  it("takes every frame of a camera whose network delivers them in bunches", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 15 }), (bunch) => {
        // Each frame waits for the last one of its bunch.
        const times = arrivals(30, 60).map(
          (_, index) => (Math.floor(index / bunch) + 1) * bunch * (1e6 / 30),
        );
        expect(taken(new Pacer(30), times)).toEqual(times);
      }),
    );
  });

  it("does not take a flood for a bunch", () => {
    const pacer = new Pacer(30);
    taken(pacer, arrivals(30, 10));
    const flood = Array.from({ length: 1000 }, (_, index) => 10e6 + 500_000 + index);
    expect(taken(pacer, flood).length).toBeLessThanOrEqual(32);
  });

  it("follows a change of the rate at once", () => {
    const pacer = new Pacer(30);
    const times = arrivals(30, 40);
    const first = times.filter((time) => time < 20e6);
    expect(taken(pacer, first)).toEqual(first);
    pacer.fps = 10;
    expect(Math.abs(taken(pacer, times.slice(first.length)).length - 200)).toBeLessThanOrEqual(3);
    expect(pacer.fps).toBeCloseTo(10);
  });

  it("refuses a rate that is none", () => {
    for (const fps of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => new Pacer(fps)).toThrow(RangeError);
  });
});
