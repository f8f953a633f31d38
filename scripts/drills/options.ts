import { DEFAULT_STACK, stackName } from "../stack/arguments.ts";
import { type NumberRange, numberOption, readArguments } from "../toolchain/command-line.ts";
import { ToolchainError } from "../toolchain/errors.ts";
import { defaultKinds, type FaultKind, faultKinds } from "./faults.ts";

/** What `./scripts/drill` is to do. */
export interface DrillOptions {
  readonly stack: string;
  readonly faults: readonly FaultKind[];
  /** Roles of the containers that faults are done to; empty for all. */
  readonly roles: readonly string[];
  /** Of the faults, their order and their length, and of malformed messages. */
  readonly seed: number;
  /** For how long faults are begun. */
  readonly minutes: number;
  /** Messages a second to each topic that is probed. */
  readonly rate: number;
  /** After a fault is over, nothing may stand still for longer, seconds. */
  readonly limitSeconds: number;
  /** Whether an acknowledgement is of all in-sync replicas or of the leader alone. */
  readonly acks: "all" | "leader";
  /** So many malformed messages are sent to each topic, in place of faults. */
  readonly malformed: number | undefined;
  /** What is run on the lab in place of faults, as bash takes it. */
  readonly during: string | undefined;
  /** Folder of the report; undefined = a new one under `results/`. */
  readonly out: string | undefined;
}

export const usage = `./scripts/drill [--stack ${DEFAULT_STACK}] [--faults ${defaultKinds.join(",")}] [--roles zookeeper,broker]
                [--seed 1] [--minutes 10] [--rate 10] [--limit 60] [--acks all|leader] [--out DIR]
./scripts/drill --malformed 10000 [--stack ${DEFAULT_STACK}] [--seed 1] [--limit 60] [--out DIR]
./scripts/drill --during './scripts/up' [--stack ${DEFAULT_STACK}] [--rate 10] [--limit 60] [--acks all|leader] [--out DIR]
faults: ${faultKinds.join(", ")}; restart is what docker compose restart does, wipe deletes what a broker has
stored`;

/** @throws ToolchainError that says what is wrong with which argument, with the usage */
export function parseOptions(args: readonly string[]): DrillOptions | "help" {
  if (args.includes("--help") || args.includes("-h")) return "help";
  const text = { type: "string" } as const;
  const { values } = readArguments(
    args,
    {
      stack: { ...text, default: DEFAULT_STACK },
      faults: { ...text, default: defaultKinds.join(",") },
      roles: { ...text, default: "" },
      seed: { ...text, default: "1" },
      minutes: { ...text, default: "10" },
      rate: { ...text, default: "10" },
      limit: { ...text, default: "60" },
      acks: { ...text, default: "all" },
      malformed: text,
      during: text,
      out: text,
    },
    { usage },
  );
  const { acks, malformed } = values;
  if (acks !== "all" && acks !== "leader") return fail(`--acks ${acks} is neither all nor leader`);
  return {
    stack: stackName(values.stack, usage),
    faults: values.faults.split(",").map(faultKind),
    roles: values.roles
      .split(",")
      .map((role) => role.trim())
      .filter((role) => role !== ""),
    seed: numberIn("seed", values.seed, { min: 0, max: 0xffff_ffff, whole: true }),
    minutes: numberIn("minutes", values.minutes, { min: 0.1, max: 1440 }),
    rate: numberIn("rate", values.rate, { min: 1, max: 1000 }),
    limitSeconds: numberIn("limit", values.limit, { min: 5, max: 3600 }),
    acks,
    malformed:
      malformed === undefined
        ? undefined
        : numberIn("malformed", malformed, { min: 1, max: 1_000_000, whole: true }),
    during: values.during,
    out: values.out,
  };
}

function faultKind(text: string): FaultKind {
  return (
    faultKinds.find((kind) => kind === text.trim()) ??
    fail(`--faults ${text} is not one of ${faultKinds.join(", ")}`)
  );
}

function numberIn(option: string, text: string, range: NumberRange): number {
  return numberOption(option, text, range, usage);
}

function fail(what: string): never {
  throw new ToolchainError(what, usage);
}
