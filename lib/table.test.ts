import { describe, expect, it } from "vitest";
import { formatSeconds, renderTable } from "./table.ts";

describe("renderTable", () => {
  it("makes every column as wide as its widest cell and leaves no blanks at line ends", () => {
    expect(
      renderTable(
        ["part", "v"],
        [
          ["node", "24"],
          ["a longer one", ""],
        ],
      ).split("\n"),
    ).toEqual(["part          v", "────────────  ──", "node          24", "a longer one"]);
  });

  it("continues a cell of several lines below itself", () => {
    const lines = renderTable(["a", "b"], [["one\ntwo", "x"]]).split("\n");
    expect(lines.slice(2)).toEqual(["one  x", "two"]);
  });
});

describe("formatSeconds", () => {
  it.each([
    [4.24, "4.2 s"],
    [65, "1 min 05 s"],
    [119.6, "2 min 00 s"],
  ])("%d → %s", (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});
