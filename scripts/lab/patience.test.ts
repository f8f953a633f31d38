import { describe, expect, it } from "vitest";
import { Patience } from "./patience.ts";

describe("patience", () => {
  let ms = 0;
  const begin = () => {
    ms = 0;
    return new Patience({ stillMs: 180, longestMs: 900, now: () => ms });
  };
  const at = (now: number, patience: Patience, left: number) => {
    ms = now;
    return patience.hasEnd(left);
  };

  it("ends when nothing has come nearer for long, whatever goes to and fro", () => {
    const patience = begin();
    expect(at(10, patience, 3)).toBe(false);
    expect(at(100, patience, 5)).toBe(false);
    expect(at(180, patience, 3)).toBe(false);
    expect(at(191, patience, 3)).toBe(true);
    expect(at(181, begin(), Number.POSITIVE_INFINITY)).toBe(true);
  });

  it("goes on while less and less is left, but not for ever", () => {
    const patience = begin();
    const steps = Array.from({ length: 9 }, (_, index) => (index + 1) * 100);
    expect(steps.map((now) => at(now, patience, 1000 - now))).toEqual(steps.map(() => false));
    expect(at(901, patience, 1)).toBe(true);
    expect(patience.waitedMs).toBe(901);
  });
});
