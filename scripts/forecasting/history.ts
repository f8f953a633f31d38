import type { Observation } from "../../apps/logistics/analyser/fit/history.ts";

/** What sensors measured, by sensor. */
export type Histories = ReadonlyMap<string, readonly Observation[]>;

/** What a CSV file holds, and how many of its lines hold no reading. */
export interface CsvHistories {
  readonly histories: Histories;
  readonly skipped: number;
}

export interface CsvFormat {
  readonly delimiter: string;
  /** Names of its columns; without a column of sensors, the file is of one. */
  readonly time: string;
  readonly value: string;
  readonly sensor: string | undefined;
}

/**
 * Reads a CSV file with a header. Times without a zone are in UTC.
 * @param name of the sensor, where no column has one
 * @throws when the header lacks a column, with those that it has
 */
export function readCsv(
  text: string,
  { delimiter, time, value, sensor }: CsvFormat,
  name: string,
): CsvHistories {
  const [header = "", ...lines] = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const columns = cells(header, delimiter);
  const indexOf = (column: string): number => {
    const index = columns.indexOf(column);
    if (index < 0) throw new Error(`there is no column ${column} among ${columns.join(", ")}`);
    return index;
  };
  const at = { time: indexOf(time), value: indexOf(value), sensor: sensor && indexOf(sensor) };
  const histories = new Map<string, Observation[]>();
  let skipped = 0;
  for (const line of lines) {
    if (line.trim() === "") continue;
    const row = cells(line, delimiter);
    const timeMs = timeOf(row[at.time]);
    const number = row[at.value] === "" ? Number.NaN : Number(row[at.value]);
    const who = typeof at.sensor === "number" ? (row[at.sensor] ?? "") : name;
    if (row.length !== columns.length || who === "" || !Number.isFinite(timeMs) || !Number.isFinite(number))
      skipped += 1;
    else add(histories, who, { timeMs, value: number });
  }
  return { histories, skipped };
}

/** Reads what apps/logistics/analyser/export.ts prints. */
export function readExport(text: string): Histories {
  const histories = new Map<string, Observation[]>();
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [sensor, timeMs, value] = JSON.parse(line) as [string, number, number];
    add(histories, sensor, { timeMs, value });
  }
  return histories;
}

function add(histories: Map<string, Observation[]>, sensor: string, one: Observation): void {
  const known = histories.get(sensor);
  if (known === undefined) histories.set(sensor, [one]);
  else known.push(one);
}

/** Cells, of which those in quotes may hold delimiters. */
function cells(line: string, delimiter: string): string[] {
  const found: string[] = [""];
  let quoted = false;
  for (const char of line) {
    if (char === '"') quoted = !quoted;
    else if (char === delimiter && !quoted) found.push("");
    else found[found.length - 1] += char;
  }
  return found.map((cell) => cell.trim());
}

function timeOf(cell: string | undefined): number {
  if (cell === undefined) return Number.NaN;
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/.test(cell);
  const hasTime = /[T ]\d{1,2}:/.test(cell);
  return Date.parse(hasTime && !hasZone ? `${cell.replace(" ", "T")}Z` : cell);
}
