import { describe, expect, it } from "vitest";
import { median, randomFrom, ratioOf, shuffled, summarise } from "./statistics.ts";

describe("summarise", () => {
  it("tells percentiles that the sample is large enough for, and no others", () => {
    const upTo = (n: number) => Array.from({ length: n }, (_, i) => n - i);
    expect(summarise(upTo(1000))).toEqual({ n: 1000, mean: 500.5, p50: 500, p95: 950, p99: 990, max: 1000 });
    expect(summarise(upTo(100))).toMatchObject({ p95: 95, p99: null, max: 100 });
    expect(() => summarise([])).toThrow(RangeError);
  });
});

describe("ratioOf", () => {
  it("takes each contender with the peer of its own round", () => {
    expect(
      ratioOf([
        [1, 10],
        [20, 100],
        [3, 10],
      ]),
    ).toEqual({ median: 0.2, low: 0.1, high: 0.3 });
  });

  it("leaves out rounds in which either is not known", () => {
    expect(
      ratioOf([
        [null, 10],
        [2, 4],
        [3, null],
        [1, 0],
      ]),
    ).toEqual({ median: 0.5, low: 0.5, high: 0.5 });
    expect(ratioOf([[1, null]])).toBeUndefined();
  });
});

describe("median", () => {
  it("is the middle, or the mean of both middles", () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
  });
});

describe("shuffled", () => {
  it("keeps every item, and has an order of its own for each seed", () => {
    const items = Array.from({ length: 20 }, (_, i) => i);
    const [one, same, other] = [1, 1, 2].map((seed) => shuffled(items, randomFrom(seed)));
    expect(one?.toSorted((a, b) => a - b)).toEqual(items);
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
  });

  it("brings each item to each place about equally often", () => {
    const random = randomFrom(7);
    const firsts = [0, 0, 0];
    for (let i = 0; i < 3000; i += 1) {
      const first = shuffled([0, 1, 2], random)[0] ?? 0;
      firsts[first] = (firsts[first] ?? 0) + 1;
    }
    for (const count of firsts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
