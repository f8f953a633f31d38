import { numberOption, readArguments } from "../../scripts/toolchain/command-line.ts";

export interface Options {
  readonly seconds: number;
  readonly bootstrap: readonly string[];
  /** Whether to look for the number of cameras that one core carries. */
  readonly mostCameras: boolean;
  /** Whether to put load on the producer in steps, and to look which rates it finds. */
  readonly steps: boolean;
  /** Where the results go as JSON. */
  readonly out: string | undefined;
  /** Whether to run the peer. */
  readonly peer: boolean;
}

export const usage =
  "./bench/video/run [--seconds 60] [--bootstrap HOST:PORT,…] [--most-cameras] [--steps] [--no-peer] [--out FILE]";

/** @throws ToolchainError that names what is wrong, with the usage */
export function parseOptions(args: readonly string[], defaultBootstrap: () => string): Options {
  const options = {
    seconds: { type: "string", default: "60" },
    bootstrap: { type: "string" },
    out: { type: "string" },
    "most-cameras": { type: "boolean", default: false },
    steps: { type: "boolean", default: false },
    "no-peer": { type: "boolean", default: false },
  } as const;
  const { values } = readArguments(args, options, { usage });
  return {
    seconds: numberOption("seconds", values.seconds, { min: 5, max: 3600 }, usage),
    bootstrap: (values.bootstrap ?? defaultBootstrap()).split(","),
    mostCameras: values["most-cameras"],
    steps: values.steps,
    out: values.out,
    peer: !values["no-peer"],
  };
}
