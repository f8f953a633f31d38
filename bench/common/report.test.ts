import { describe, expect, it } from "vitest";
import { formatNumber, formatRatio, markdownTable } from "./report.ts";

describe("formatNumber", () => {
  it("keeps three significant digits and never an exponent", () => {
    expect([1234.5, 123.45, 12.345, 1.2345, 0.12345, 0.000012, 0].map(formatNumber)).toEqual([
      "1235",
      "123",
      "12.3",
      "1.23",
      "0.123",
      "0.0000",
      "0",
    ]);
    expect([null, undefined].map(formatNumber)).toEqual(["–", "–"]);
  });
});

describe("formatRatio", () => {
  it("shows the median and how far the rounds are apart", () => {
    expect(formatRatio({ median: 0.25, low: 0.2, high: 0.3 })).toBe("0.250 (0.200–0.300)");
    expect(formatRatio(undefined)).toBe("–");
  });
});

describe("markdownTable", () => {
  it("lines columns up, numbers to the right", () => {
    expect(
      markdownTable(
        ["client", "ms"],
        [
          ["one", "1.5"],
          ["another", "12.25"],
        ],
      ),
    ).toBe(
      ["| client  |    ms |", "| ------- | ----: |", "| one     |   1.5 |", "| another | 12.25 |"].join("\n"),
    );
  });
});
