import { describe, expect, it } from "vitest";
import { type Measured, report, summarise } from "./report.ts";

const window = (system: Measured["system"], perSecond: number, latenciesMs: number[]): Measured => ({
  system,
  side: "HTTP",
  concurrency: 8,
  perSecond,
  latenciesMs,
});

describe("report", () => {
  it("puts windows of one kind together, and says by how much and whether the goal is met", () => {
    const summaries = summarise([
      window("edgelab", 12, [100, 200]),
      window("Python", 8, [400, 500]),
      window("edgelab", 8, [300, 400]),
      window("Python", 8, [600, 800]),
    ]);
    expect(summaries).toMatchObject([
      { system: "edgelab", images: 4, perSecond: 10, p50Ms: 200, p95Ms: 400 },
      { system: "Python", images: 4, perSecond: 8, p50Ms: 500, p95Ms: 800 },
    ]);
    expect(report(summaries)).toContain(
      "HTTP, 8 under way: 1.25 × the images/s (goal: at least 1) met, 0.50 × the p95",
    );
    expect(report(summarise([window("edgelab", 7, [1]), window("Python", 8, [1])]))).toContain("NOT met");
  });
});
