import { describe, expect, it } from "vitest";
import type { FaultVerdict } from "./judge.ts";
import { repeatedFaults, spread, timesOf } from "./recoveries.ts";

const fault = (name: string, wholeMs: number | undefined, ...acks: (number | undefined)[]): FaultVerdict => ({
  kind: "crash",
  name,
  containers: [],
  fromMs: 1000,
  toMs: 1000,
  wholeMs: wholeMs === undefined ? undefined : 1000 + wholeMs,
  problem: undefined,
  recoveries: acks.map((firstAckMs, i) => ({ topic: `t${i}`, firstAckMs, firstResultMs: 7 })),
  stalled: [],
});

describe("timesOf", () => {
  it("is of the slowest topic, and of none where one never got there", () => {
    expect(timesOf(fault("a", 30, 10, 20))).toEqual({ firstAckMs: 20, firstResultMs: 7, wholeMs: 30 });
    expect(timesOf(fault("a", undefined, 10, undefined))).toEqual({
      firstAckMs: undefined,
      firstResultMs: 7,
      wholeMs: undefined,
    });
  });
});

describe("repeatedFaults", () => {
  it("has those that came more than once, with each time", () => {
    const found = repeatedFaults([fault("a", 1, 1), fault("b", 2, 2), fault("a", 3, 3)]);
    expect(found.map(({ name, times }) => [name, times.map(({ wholeMs }) => wholeMs)])).toEqual([
      ["a", [1, 3]],
    ]);
  });
});

describe("spread", () => {
  it("is the middle and the range", () => {
    expect(spread([4000, 1000, 2500])).toBe("2.5 s (1.0 to 4.0)");
    expect(spread([4000, 1000])).toBe("2.5 s (1.0 to 4.0)");
  });

  it("is never where one never got there", () => {
    expect(spread([4000, undefined])).toBe("never");
    expect(spread([])).toBe("never");
  });
});
