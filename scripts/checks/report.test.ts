import { describe, expect, it } from "vitest";
import { type FileReport, formatCounts, sumCounts, timesTable } from "./report.ts";

const file = (name: string, seconds: number, failed = 0): FileReport => ({
  file: name,
  seconds,
  passed: 2,
  failed,
  skipped: 0,
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

describe("timesTable", () => {
  const files = [file("a", 1), file("long", 75.2, 1), file("b", 2), file("c", 0.5)];

  it("shows the longest first", () => {
    const [, , ...rows] = timesTable(files, 9).split("\n");
    expect(rows.map((row) => row.split(" ")[0])).toEqual(["long", "b", "a", "c"]);
    expect(rows[0]).toMatch(/^long +1 min 15 s +2 passed, 1 failed$/);
  });

  it("adds up those beyond the ones that are shown, so that nothing is left out", () => {
    const rows = timesTable(files, 2).split("\n");
    expect(rows).toHaveLength(5);
    expect(rows.at(-1)).toMatch(/^2 others +1\.5 s +4 passed, 0 failed$/);
  });
});
