import type { ParseArgsConfig } from "node:util";
import { defaultFit, type FitSettings } from "../../apps/logistics/analyser/fit/settings.ts";
import { numberOption } from "../toolchain/command-line.ts";
import { ToolchainError } from "../toolchain/errors.ts";
import type { CsvFormat } from "./history.ts";

export const sourceOptions = {
  csv: { type: "string" },
  time: { type: "string", default: "ts" },
  value: { type: "string", default: "value" },
  sensor: { type: "string" },
  delimiter: { type: "string", default: "," },
  width: { type: "string", default: String(defaultFit.intervalWidth) },
  multiplicative: { type: "boolean", default: false },
} as const satisfies ParseArgsConfig["options"];

export const sourceUsage = `  --csv <file>           take the readings from a CSV file, not from a lab
  --time, --value <col>  its columns of times and values (ts, value)
  --sensor <col>         its column of sensors; without one, the file is of one sensor
  --delimiter <char>     between its columns (,)
  --width <share>        share of the readings that are to lie in an interval (${defaultFit.intervalWidth})
  --multiplicative       cycles that grow with the level`;

interface Values {
  readonly time: string;
  readonly value: string;
  readonly sensor?: string | undefined;
  readonly delimiter: string;
  readonly width: string;
  readonly multiplicative: boolean;
}

/** @throws ToolchainError */
export function formatOf({ time, value, sensor, delimiter }: Values, usage: string): CsvFormat {
  if ([...delimiter].length !== 1)
    throw new ToolchainError(`--delimiter ${delimiter} is not one character`, usage);
  return { time, value, sensor, delimiter };
}

/** @throws ToolchainError */
export function settingsOf({ width, multiplicative }: Values, usage: string): FitSettings {
  return {
    ...defaultFit,
    intervalWidth: numberOption("width", width, { min: 0.01, max: 0.999 }, usage),
    seasonalityMode: multiplicative ? "multiplicative" : "additive",
  };
}
