import { stackArguments } from "../../scripts/stack/arguments.ts";
import { numberOption } from "../../scripts/toolchain/command-line.ts";

export interface Options {
  readonly stack: string;
  /** Length of a window. */
  readonly seconds: number;
  /** From the first reading in the database to the window, in seconds: V8 compiles for the first minute. */
  readonly warmUpSeconds: number;
  readonly rounds: number;
  /** Readings a second of all devices together. */
  readonly rates: readonly number[];
}

export const usage =
  "./bench/ingest/run [STACK] [--seconds 20] [--warm-up 45] [--rounds 3] [--rates 1000,4000]";

/** @throws ToolchainError that names what is wrong, with the usage */
export function parseOptions(args: readonly string[]): Options {
  const { stack, values } = stackArguments(
    args,
    {
      seconds: { type: "string", default: "20" },
      "warm-up": { type: "string", default: "45" },
      rounds: { type: "string", default: "3" },
      rates: { type: "string", default: "1000,4000" },
    },
    usage,
  );
  const within = (option: string, text: string, min: number, max: number) =>
    numberOption(option, text, { min, max }, usage);
  return {
    stack,
    seconds: within("seconds", values.seconds, 5, 600),
    warmUpSeconds: within("warm-up", values["warm-up"], 0, 600),
    rounds: within("rounds", values.rounds, 1, 20),
    rates: values.rates.split(",").map((rate) => within("rates", rate, 100, 50_000)),
  };
}
