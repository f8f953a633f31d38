import { describe, expect, it } from "vitest";
import type { BrokenLine, CsvLine } from "../../apps/logistics/sensor/csv.ts";
import { historiesOf, readExport } from "./history.ts";

async function* lines(
  ...all: (CsvLine["fields"] | BrokenLine["broken"])[]
): AsyncGenerator<CsvLine | BrokenLine> {
  for (const [line, one] of all.entries()) {
    yield typeof one === "string" ? { line, broken: one } : { line, timeMs: line * 1000, fields: one };
  }
}

describe("historiesOf", () => {
  it("has the values of one column, and counts lines that hold none", async () => {
    const read = historiesOf(
      lines({ players: 5 }, "time", { players: "many" }, { players: 0, note: "x" }),
      { value: "players", sensor: undefined },
      "file",
    );
    expect(await read).toEqual({
      skipped: 2,
      histories: new Map([
        [
          "file",
          [
            { timeMs: 0, value: 5 },
            { timeMs: 3000, value: 0 },
          ],
        ],
      ]),
    });
  });

  it("tells sensors apart by their column, whose cells may be numbers", async () => {
    const { histories } = await historiesOf(
      lines({ v: 1, who: "a" }, { v: 2, who: 7 }, { v: 3, who: "" }),
      { value: "v", sensor: "who" },
      "file",
    );
    expect([...histories].map(([sensor, [one]]) => [sensor, one?.value])).toEqual([
      ["a", 1],
      ["7", 2],
    ]);
  });

  it("names the columns that there are when one is not", async () => {
    const read = historiesOf(lines({ players: 1, place: 2 }), { value: "value", sensor: undefined }, "file");
    await expect(read).rejects.toThrow("there is no column value among players, place");
  });
});

describe("readExport", () => {
  it("has each sensor's readings", () => {
    expect(readExport('["a",1,2]\n["b",3,4]\n["a",5,6]\n')).toEqual(
      new Map([
        [
          "a",
          [
            { timeMs: 1, value: 2 },
            { timeMs: 5, value: 6 },
          ],
        ],
        ["b", [{ timeMs: 3, value: 4 }]],
      ]),
    );
  });
});
