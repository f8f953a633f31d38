import { describe, expect, it } from "vitest";
import { countTests, formatCounts, sumCounts } from "./test-counts.ts";

const passedFile = { status: "passed", assertionResults: [{ status: "passed" }] };

describe("countTests", () => {
  it("counts a file that cannot be loaded as a failure, and one with a failed test only once", () => {
    const report = {
      numPassedTests: 3,
      numFailedTests: 1,
      numPendingTests: 1,
      numTodoTests: 1,
      testResults: [
        passedFile,
        { status: "failed", assertionResults: [{ status: "failed" }] },
        { status: "failed", assertionResults: [] },
        { status: "failed", assertionResults: [{ status: "skipped" }] },
      ],
    };
    expect(countTests(report)).toEqual({ passed: 3, failed: 3, skipped: 2 });
  });
});

describe("formatCounts", () => {
  it("names skipped tests only when there are any", () => {
    expect(formatCounts({ passed: 2, failed: 0, skipped: 0 })).toBe("2 passed, 0 failed");
    const sum = sumCounts([
      { passed: 2, failed: 0, skipped: 1 },
      { passed: 1, failed: 4, skipped: 0 },
    ]);
    expect(formatCounts(sum)).toBe("3 passed, 4 failed, 1 skipped");
  });
});
