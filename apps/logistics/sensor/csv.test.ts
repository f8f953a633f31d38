import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type CsvFormat, readCsv } from "./csv.ts";

const folder = mkdtempSync(join(tmpdir(), "edgelab-csv-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function read(text: string, format: Partial<CsvFormat> = {}) {
  const file = join(folder, "some.csv");
  writeFileSync(file, text);
  const lines = [];
  for await (const line of readCsv(file, { delimiter: ",", header: true, timeColumn: "ts", ...format }))
    lines.push(line);
  return lines;
}

const noon = Date.UTC(2026, 0, 5, 12);

describe("readCsv", () => {
  it("has numbers, text and times, whatever the zone", async () => {
    const text = 'ts,players,map\n2026-01-05T12:00:00Z,17,north\n2026-01-05T14:00+02:00,1.5,"a, b"\n';
    expect(await read(text)).toEqual([
      { line: 2, timeMs: noon, fields: { players: 17, map: "north" } },
      { line: 3, timeMs: noon, fields: { players: 1.5, map: "a, b" } },
    ]);
  });

  it("passes over broken lines, each for itself, and goes on after them", async () => {
    const text = [
      "﻿ts,players",
      "yesterday,1",
      '2026-01-05T12:00:00Z,"2',
      "2026-01-05T12:00:00Z",
      "2026-01-05T12:00:00Z,3,4",
      "",
      "2026-13-05T12:00:00Z,5",
      "2026-01-05T12:00:00Z,6",
    ].join("\r\n");
    expect(await read(text)).toEqual([
      { line: 2, broken: "time" },
      { line: 3, broken: "quotes" },
      { line: 4, broken: "columns" },
      { line: 5, broken: "columns" },
      { line: 7, broken: "time" },
      { line: 8, timeMs: noon, fields: { players: 6 } },
    ]);
  });

  it("takes other delimiters, files without a header and times in numbers", async () => {
    const seconds = noon / 1000;
    const format = { delimiter: ";", header: false, timeColumn: "column2" };
    expect(await read(`a;${seconds}\nb;${noon}\n`, format)).toEqual([
      { line: 1, timeMs: noon, fields: { column1: "a" } },
      { line: 2, timeMs: noon, fields: { column1: "b" } },
    ]);
  });

  it("says which columns there are when that of the time is not among them", async () => {
    await expect(read("when,players\n")).rejects.toThrow(/has the columns when, players, and no ts/);
  });
});
