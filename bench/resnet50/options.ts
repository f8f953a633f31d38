import { stackArguments } from "../../scripts/stack/arguments.ts";
import { numberOption } from "../../scripts/toolchain/command-line.ts";

export interface Options {
  readonly stack: string;
  /** Length of a window. */
  readonly seconds: number;
  readonly rounds: number;
  /** Threads of onnxruntime for one run, of either. */
  readonly threads: number;
  /** Images that are under way at once: one shows what an image takes, several what there is to gain by batches. */
  readonly concurrencies: readonly number[];
  /** Folder with a model and its card; a ResNet50 with random weights is made when there is none. */
  readonly model: string | undefined;
}

export const usage =
  "./bench/resnet50/run [STACK] [--seconds 20] [--rounds 2] [--threads 2] [--concurrency 1,8] [--model FOLDER]";

/** @throws ToolchainError that names what is wrong, with the usage */
export function parseOptions(args: readonly string[]): Options {
  const { stack, values } = stackArguments(
    args,
    {
      seconds: { type: "string", default: "20" },
      rounds: { type: "string", default: "2" },
      threads: { type: "string", default: "2" },
      concurrency: { type: "string", default: "1,8" },
      model: { type: "string" },
    },
    usage,
  );
  const within = (option: string, text: string, min: number, max: number) =>
    numberOption(option, text, { min, max }, usage);
  return {
    stack,
    seconds: within("seconds", values.seconds, 5, 600),
    rounds: within("rounds", values.rounds, 1, 20),
    threads: within("threads", values.threads, 1, 256),
    concurrencies: values.concurrency.split(",").map((each) => within("concurrency", each, 1, 64)),
    model: values.model,
  };
}
