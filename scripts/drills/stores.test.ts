import { describe, expect, it } from "vitest";
import { withForgotten } from "./stores.ts";

const arrivals = (...some: [seq: number, atMs: number][]) => some.map(([seq, atMs]) => ({ seq, atMs }));

describe("withForgotten", () => {
  it("keeps what a store had and has removed as its oldest", () => {
    const before = arrivals([0, 100], [1, 200], [2, 300]);
    const there = arrivals([2, 300], [3, 400]);
    expect(withForgotten(there, before)).toEqual([...before.slice(0, 2), ...there]);
  });

  it("keeps nothing that is gone while older ones are there, or when all is gone", () => {
    const before = arrivals([0, 100], [1, 200], [2, 300]);
    const there = arrivals([0, 100], [2, 300]);
    expect(withForgotten(there, before)).toEqual(there);
    expect(withForgotten([], before)).toEqual([]);
  });

  it("keeps what was sent first and came late, as a store that goes by the time of sending removes it", () => {
    const before = arrivals([0, 900], [1, 900], [2, 300]);
    const there = arrivals([2, 300], [3, 400]);
    expect(withForgotten(there, before)).toEqual([...before.slice(0, 2), ...there]);
  });

  it("tells of each message once, and leaves those that are there twice", () => {
    const twice = arrivals([1, 200], [1, 210]);
    expect(withForgotten(twice, arrivals([1, 200]))).toEqual(twice);
  });
});
