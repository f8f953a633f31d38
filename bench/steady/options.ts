import { stackArguments } from "../../scripts/stack/arguments.ts";
import { numberOption } from "../../scripts/toolchain/command-line.ts";

export interface Options {
  readonly stack: string;
  /** How long the lab is watched under its load. */
  readonly minutes: number;
  /** How long it is measured at rest after that, in seconds; 0 leaves it out. */
  readonly restSeconds: number;
  /** Roles of the services that the load comes from, which are stopped for the rest. */
  readonly sources: readonly string[];
}

export const usage =
  "./bench/steady/run [STACK] [--minutes 15] [--rest 60] [--sources camera,producer,sensor,simulator]";

/** @throws ToolchainError that names what is wrong, with the usage */
export function parseOptions(args: readonly string[]): Options {
  const { stack, values } = stackArguments(
    args,
    {
      minutes: { type: "string", default: "15" },
      rest: { type: "string", default: "60" },
      sources: { type: "string", default: "camera,producer,sensor,simulator" },
    },
    usage,
  );
  return {
    stack,
    minutes: numberOption("minutes", values.minutes, { min: 1, max: 10_080 }, usage),
    restSeconds: numberOption("rest", values.rest, { min: 0, max: 3600 }, usage),
    sources: values.sources.split(",").filter((role) => role !== ""),
  };
}
