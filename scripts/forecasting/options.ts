import type { ParseArgsConfig } from "node:util";
import { defaultFit, type FitSettings, forms } from "../../apps/logistics/analyser/fit/settings.ts";
import type { CsvFormat } from "../../apps/logistics/sensor/csv.ts";
import { numberOption } from "../toolchain/command-line.ts";
import { ToolchainError } from "../toolchain/errors.ts";
import type { Columns } from "./history.ts";

export const sourceOptions = {
  csv: { type: "string" },
  time: { type: "string", default: "ts" },
  value: { type: "string", default: "value" },
  sensor: { type: "string" },
  delimiter: { type: "string", default: "," },
  width: { type: "string", default: String(defaultFit.intervalWidth) },
  form: { type: "string", default: defaultFit.form },
} as const satisfies ParseArgsConfig["options"];

export const sourceUsage = `  --csv <file>           take the readings from a CSV file, not from a lab
  --time, --value <col>  its columns of times and values (ts, value)
  --sensor <col>         its column of sensors; without one, the file is of one sensor
  --delimiter <char>     between its columns, a character or tab (,)
  --width <share>        share of the readings that are to lie in an interval (${defaultFit.intervalWidth})
  --form <form>          how trend and cycles come together: ${forms.join(", ")} (${defaultFit.form})`;

interface Values {
  readonly time: string;
  readonly value: string;
  readonly sensor?: string | undefined;
  readonly delimiter: string;
  readonly width: string;
  readonly form: string;
}

/** @throws ToolchainError */
export function formatOf({ time, value, sensor, delimiter }: Values, usage: string): CsvFormat & Columns {
  const character = delimiter === "tab" ? "\t" : delimiter;
  if ([...character].length === 1)
    return { delimiter: character, header: true, timeColumn: time, value, sensor };
  throw new ToolchainError(`--delimiter ${delimiter} is neither one character nor tab`, usage);
}

/** @throws ToolchainError */
export function settingsOf({ width, form }: Values, usage: string): FitSettings {
  const known = forms.find((one) => one === form);
  if (known === undefined) throw new ToolchainError(`--form ${form} is none of ${forms.join(", ")}`, usage);
  return {
    ...defaultFit,
    form: known,
    intervalWidth: numberOption("width", width, { min: 0.01, max: 0.999 }, usage),
  };
}
