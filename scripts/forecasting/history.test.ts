import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CsvFormat, readCsv, readExport } from "./history.ts";

const format: CsvFormat = { delimiter: ",", time: "ts", value: "value", sensor: undefined };
const at = (iso: string, value: number) => ({ timeMs: Date.parse(iso), value });

describe("readCsv", () => {
  it("reads times with and without a zone, as UTC, whatever the order of the columns", () => {
    const text =
      "\uFEFFid,value,ts\r\n1,5,2026-01-05 10:00\r\n2,-1.5e1,2026-01-05T10:00:00+02:00\r\n3,7,2026-01-06\r\n";
    expect(readCsv(text, format, "file")).toEqual({
      skipped: 0,
      histories: new Map([
        [
          "file",
          [at("2026-01-05T10:00:00Z", 5), at("2026-01-05T08:00:00Z", -15), at("2026-01-06T00:00:00Z", 7)],
        ],
      ]),
    });
  });

  it("tells sensors apart by their column, and takes what stands in quotes as one cell", () => {
    const text = 'who;ts;value\n"a;b";2026-01-05T10:00Z;1\nc;2026-01-05T10:00Z;2\n';
    const { histories } = readCsv(text, { ...format, delimiter: ";", sensor: "who" }, "file");
    expect([...histories].map(([sensor, [one]]) => [sensor, one?.value])).toEqual([
      ["a;b", 1],
      ["c", 2],
    ]);
  });

  it("leaves out and counts lines that hold no reading, and loses no other, wherever they are", () => {
    const good = "2026-01-05T10:00Z,1";
    const bad = fc.constantFrom(
      "x",
      "yesterday,1",
      "2026-01-05T10:00Z,",
      "2026-01-05T10:00Z,NaN",
      "2026-01-05T10:00Z,1,2",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant(good), bad)), (lines) => {
        const { histories, skipped } = readCsv(["ts,value", ...lines].join("\n"), format, "file");
        const wanted = lines.filter((line) => line === good).length;
        expect([histories.get("file")?.length ?? 0, skipped]).toEqual([wanted, lines.length - wanted]);
      }),
    );
  });

  it("names the columns that there are when one is not", () => {
    expect(() => readCsv("time,players\n", format, "file")).toThrow(
      "there is no column ts among time, players",
    );
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
