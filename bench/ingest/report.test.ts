import { describe, expect, it } from "vitest";
import { report, summarise, type Window } from "./report.ts";

const window = (system: string, stored: number, appMs: number): Window => ({
  system,
  rate: 1000,
  seconds: 10,
  stored,
  split: new Map([
    ["store: main thread", appMs],
    ["databases", appMs],
    ["brokers", 5000],
    ["other: video camera", 700],
  ]),
});

describe("a comparison of ingestion", () => {
  const windows = [
    window("edgelab", 10_000, 500),
    window("edgelab", 9000, 450),
    window("Python, confluent-kafka", 9500, 1425),
  ];

  it("counts readings by what apps and database took for them, over all rounds", () => {
    const [own, peer] = summarise(windows);
    expect(own).toMatchObject({ system: "edgelab", storedPerSecond: 950, perCore: 10_000 });
    expect(peer?.perCore).toBeCloseTo(9500 / 2.85);
    expect(own?.perCoreOfAll).toBeCloseTo(19_000 / 11.9);
    expect(own?.parts.get("brokers")).toBeCloseTo((10_000 * 1000) / 19_000);
  });

  it("says whether the goal is met", () => {
    expect(report(windows)).toContain("1000/s: 3.00 (goal: at least 2) met");
    const slower = [window("edgelab", 9000, 900), window("Python, confluent-kafka", 9000, 1000)];
    expect(report(slower)).toContain("1000/s: 1.11 (goal: at least 2) NOT met");
  });
});
