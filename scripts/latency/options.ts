import { type Arrivals, arrivalKinds } from "../../apps/classification/contract.ts";
import { DEFAULT_STACK, stackName } from "../stack/arguments.ts";
import { numberOption, readArguments } from "../toolchain/command-line.ts";
import { ToolchainError } from "../toolchain/errors.ts";
import { DEFAULT_MARGIN } from "./statistics/compare.ts";

/** What `./scripts/cdf` is to measure. */
export interface MeasureOptions {
  readonly command: "measure";
  readonly stack: string;
  /** Stack config to use instead of `Pulumi.<stack>.yaml`. */
  readonly configFile: string | undefined;
  /** Producer counts, ascending, each once. */
  readonly producers: readonly number[];
  /** Length of each measured window. */
  readonly seconds: number;
  /** Independent windows at each producer count. */
  readonly repeats: number;
  /** The longest warm-up. */
  readonly warmupSeconds: number;
  /** Images a second of one producer; undefined = as the stack config says. */
  readonly rate: number | undefined;
  readonly arrivals: Arrivals | undefined;
  /** `default`, `resnet50` or a folder; undefined = as the stack config says. */
  readonly model: string | undefined;
  /** Of the order of the windows and of the bootstrap. */
  readonly seed: number;
  /** Folder of the results; undefined = a new one under `results/`. */
  readonly out: string | undefined;
}

/** Two runs to compare. */
export interface CompareOptions {
  readonly command: "compare";
  readonly runs: readonly [string, string];
  readonly margin: number;
  readonly seed: number;
  readonly out: string | undefined;
}

export const usage = `./scripts/cdf [--producers 1..4] [--seconds 60] [--rate R] [--arrivals fixed|poisson]
              [--repeats 1] [--model default|resnet50|FOLDER] [--warmup 60] [--seed 1]
              [--out DIR] [--stack ${DEFAULT_STACK}] [--config-file FILE]
./scripts/cdf compare RUN_A RUN_B [--margin ${DEFAULT_MARGIN}] [--seed 1] [--out DIR]`;

const most = { producers: 64, seconds: 86_400, repeats: 100, rate: 5000 };

/** @throws ToolchainError that says what is wrong with which argument, with the usage */
export function parseOptions(args: readonly string[]): MeasureOptions | CompareOptions | { command: "help" } {
  const [first, ...rest] = args;
  if (args.includes("--help") || args.includes("-h")) return { command: "help" };
  return first === "compare" ? parseCompare(rest) : parseMeasure(args);
}

function parseMeasure(args: readonly string[]): MeasureOptions {
  const text = { type: "string" } as const;
  const { values } = readArguments(
    args,
    {
      producers: { ...text, default: "1..4" },
      seconds: { ...text, default: "60" },
      repeats: { ...text, default: "1" },
      warmup: { ...text, default: "60" },
      seed: { ...text, default: "1" },
      stack: { ...text, default: DEFAULT_STACK },
      rate: text,
      arrivals: text,
      model: text,
      out: text,
      "config-file": text,
    },
    { usage },
  );
  return {
    command: "measure",
    stack: stackName(values.stack, usage),
    configFile: values["config-file"],
    producers: parseCounts(values.producers),
    seconds: numberIn("seconds", values.seconds, 1, most.seconds),
    repeats: wholeIn("repeats", values.repeats, 1, most.repeats),
    warmupSeconds: numberIn("warmup", values.warmup, 1, most.seconds),
    rate: values.rate === undefined ? undefined : numberIn("rate", values.rate, 0.1, most.rate),
    arrivals: arrivals(values.arrivals),
    model: values.model,
    seed: wholeIn("seed", values.seed, 0, 0xffff_ffff),
    out: values.out,
  };
}

function parseCompare(args: readonly string[]): CompareOptions {
  const text = { type: "string" } as const;
  const { values, positionals } = readArguments(
    args,
    {
      margin: { ...text, default: String(DEFAULT_MARGIN) },
      seed: { ...text, default: "1" },
      out: text,
    },
    { most: 2, usage },
  );
  const [a, b] = positionals;
  if (a === undefined || b === undefined) return fail("compare needs the folders of two runs");
  return {
    command: "compare",
    runs: [a, b],
    margin: numberIn("margin", values.margin, 0, 10),
    seed: wholeIn("seed", values.seed, 0, 0xffff_ffff),
    out: values.out,
  };
}

/** `1..4`, `2` or `1,2,4` → the counts, ascending. */
function parseCounts(text: string): number[] {
  const range = /^(\d{1,3})\.\.(\d{1,3})$/.exec(text);
  const [from, to] = [Number(range?.[1]), Number(range?.[2])];
  const counts =
    range === null ? text.split(",") : Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`);
  if (counts.length === 0) fail(`--producers ${text} is empty; the smaller number comes first, as in 1..4`);
  return [...new Set(counts.map((count) => wholeIn("producers", count, 1, most.producers)))].sort(
    (a, b) => a - b,
  );
}

function arrivals(text: string | undefined): Arrivals | undefined {
  if (text === undefined) return undefined;
  return (
    arrivalKinds.find((kind) => kind === text) ??
    fail(`--arrivals ${text} is not one of ${arrivalKinds.join(", ")}`)
  );
}

function wholeIn(option: string, text: string, min: number, max: number): number {
  return numberOption(option, text, { min, max, whole: true }, usage);
}

function numberIn(option: string, text: string, min: number, max: number): number {
  return numberOption(option, text, { min, max }, usage);
}

function fail(what: string): never {
  throw new ToolchainError(what, usage);
}
