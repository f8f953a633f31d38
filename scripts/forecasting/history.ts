import type { Observation } from "../../apps/logistics/analyser/fit/history.ts";
import type { BrokenLine, CsvLine } from "../../apps/logistics/sensor/csv.ts";

/** What sensors measured, by sensor. */
export type Histories = ReadonlyMap<string, readonly Observation[]>;

/** Columns of a CSV file beside that of the time; without a column of sensors, the file is of one. */
export interface Columns {
  readonly value: string;
  readonly sensor: string | undefined;
}

/**
 * What the lines of a CSV file hold, and how many of them hold no reading.
 * @param name of the sensor, where no column has one
 * @throws when no line has a value, with the columns that there are
 */
export async function historiesOf(
  lines: AsyncIterable<CsvLine | BrokenLine>,
  { value, sensor }: Columns,
  name: string,
): Promise<{ readonly histories: Histories; readonly skipped: number }> {
  const histories = new Map<string, Observation[]>();
  const columns = new Set<string>();
  let skipped = 0;
  for await (const line of lines) {
    const fields = "broken" in line ? {} : line.fields;
    for (const column of Object.keys(fields)) columns.add(column);
    const found = fields[value];
    const who = sensor === undefined ? name : String(fields[sensor] ?? "");
    if ("broken" in line || typeof found !== "number" || who === "") skipped += 1;
    else add(histories, who, { timeMs: line.timeMs, value: found });
  }
  for (const column of sensor === undefined ? [value] : [value, sensor]) {
    if (!columns.has(column))
      throw new Error(
        `beside the time there is no column ${column} among ${[...columns].join(", ") || "none"}`,
      );
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
