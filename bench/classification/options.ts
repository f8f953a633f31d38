import { stackArguments } from "../../scripts/stack/arguments.ts";
import { numberOption } from "../../scripts/toolchain/command-line.ts";
import { ToolchainError } from "../../scripts/toolchain/errors.ts";

export const peers = ["confluent-kafka", "kafka-python"] as const;
export type Peer = (typeof peers)[number];

export interface Options {
  readonly stack: string;
  /** Length of a window. */
  readonly seconds: number;
  /** How long images flow before a window: until code that runs a few times a second is compiled. */
  readonly warmUpSeconds: number;
  readonly rounds: number;
  /** Images a second of each producer. */
  readonly rates: readonly number[];
  readonly peers: readonly Peer[];
  /** Whether to look for the greatest rate that each carries. */
  readonly most: boolean;
  /** Folder for the picture and the figures. */
  readonly out: string | undefined;
}

export const usage =
  "./bench/classification/run [STACK] [--seconds 15] [--warm-up 30] [--rounds 3] [--rates 10,60] [--peers confluent-kafka,kafka-python] [--most] [--out FOLDER]";

/** @throws ToolchainError that names what is wrong, with the usage */
export function parseOptions(args: readonly string[]): Options {
  const { stack, values } = stackArguments(
    args,
    {
      seconds: { type: "string", default: "15" },
      "warm-up": { type: "string", default: "30" },
      rounds: { type: "string", default: "3" },
      rates: { type: "string", default: "10,60" },
      peers: { type: "string", default: peers.join(",") },
      most: { type: "boolean", default: false },
      out: { type: "string" },
    },
    usage,
  );
  return {
    stack,
    seconds: within("seconds", values.seconds, 5, 600),
    warmUpSeconds: within("warm-up", values["warm-up"], 5, 600),
    rounds: within("rounds", values.rounds, 1, 20),
    rates: values.rates.split(",").map((rate) => within("rates", rate, 1, 1000)),
    peers: values.peers.split(",").map(asPeer),
    most: values.most,
    out: values.out,
  };
}

function within(option: string, text: string, min: number, max: number): number {
  return numberOption(option, text, { min, max }, usage);
}

function asPeer(name: string): Peer {
  const found = peers.find((peer) => peer === name);
  if (found !== undefined) return found;
  throw new ToolchainError(`--peers ${name} is not one of ${peers.join(", ")}`, usage);
}
