import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { parse } from "csv-parse/sync";
import { parseTime } from "../time.ts";

export interface CsvFormat {
  readonly delimiter: string;
  /** Whether the first line has the columns' names; otherwise they are `column1` and so on. */
  readonly header: boolean;
  readonly timeColumn: string;
}

/** A line of the file that says something. */
export interface CsvLine {
  /** From 1. */
  readonly line: number;
  /** ms since the epoch. */
  readonly timeMs: number;
  /** The other columns; what looks like a number is one. */
  readonly fields: Readonly<Record<string, string | number>>;
}

/** A line that is passed over, and why. */
export interface BrokenLine {
  readonly line: number;
  readonly broken: "quotes" | "columns" | "time";
}

/** Thrown when the file as a whole is none of these. */
export class CsvError extends Error {}

/**
 * Reads a file line by line: each is a record of its own, so that one with a quote too many costs no other. Empty lines
 * are nothing.
 * @throws {CsvError} when there is no column of the time
 */
export async function* readCsv(file: string, format: CsvFormat): AsyncGenerator<CsvLine | BrokenLine> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  let columns: readonly string[] | undefined;
  let line = 0;
  for await (const text of lines) {
    line += 1;
    if (text.trim() === "") continue;
    const cells = cellsOf(text, format.delimiter);
    if (columns === undefined) {
      if (cells === undefined) throw new CsvError(`${file}: the first line is broken`);
      columns = format.header ? cells : cells.map((_, index) => `column${index + 1}`);
      if (!columns.includes(format.timeColumn))
        throw new CsvError(`${file} has the columns ${columns.join(", ")}, and no ${format.timeColumn}`);
      if (format.header) continue;
    }
    yield readLine(line, cells, columns, format.timeColumn);
  }
}

function readLine(
  line: number,
  cells: readonly string[] | undefined,
  columns: readonly string[],
  timeColumn: string,
): CsvLine | BrokenLine {
  if (cells === undefined) return { line, broken: "quotes" };
  if (cells.length !== columns.length) return { line, broken: "columns" };
  const timeMs = parseTime(cells[columns.indexOf(timeColumn)] ?? "");
  if (timeMs === undefined) return { line, broken: "time" };
  const others = columns.map((name, index) => [name, cellValue(cells[index] ?? "")] as const);
  return { line, timeMs, fields: Object.fromEntries(others.filter(([name]) => name !== timeColumn)) };
}

/** @returns undefined when its quotes are in disorder */
function cellsOf(text: string, delimiter: string): readonly string[] | undefined {
  try {
    const [cells] = parse(text, { delimiter, trim: true, bom: true });
    return cells;
  } catch {
    return undefined;
  }
}

function cellValue(cell: string): string | number {
  const number = cell === "" ? Number.NaN : Number(cell);
  return Number.isFinite(number) ? number : cell;
}
