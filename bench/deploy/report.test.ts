import { describe, expect, it } from "vitest";
import { report } from "./report.ts";

describe("report", () => {
  it("has the ratio of medians beside its goal", () => {
    const text = report({ nothing: [5, 4, 6], lab: [20, 30, 24], docker: [12, 11, 90] });
    expect(text).toContain("1 → 4 producers ÷ docker run: 2.00 (goal: at most 1.5) NOT met");
    expect(text).toContain("update that changes nothing");
    expect(report({ nothing: [5], lab: [15], docker: [10] })).toMatch(/1\.50 .* met$/);
  });
});
