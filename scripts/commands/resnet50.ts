import { join } from "node:path";
import { RESNET50_FOLDER } from "../latency/models.ts";
import { prepareResNet50, type Weights } from "../latency/resnet50.ts";
import { readArguments } from "../toolchain/command-line.ts";
import { createContext } from "../toolchain/context.ts";
import { runMain, ToolchainError } from "../toolchain/errors.ts";

const USAGE =
  "./scripts/resnet50 FILE.onnx [--labels FILE]   # your own, as torchvision exports it\n" +
  "./scripts/resnet50 --random-weights [--seed N]   # the same architecture and cost, without knowledge";

await runMain(async () => {
  const weights = parse(process.argv.slice(2));
  const { root, progress } = createContext();
  const folder = join(root, RESNET50_FOLDER);
  const what = weights.kind === "random" ? "making a ResNet50 with random weights" : `taking ${weights.path}`;
  await progress.step(what, () => prepareResNet50(folder, weights));
  process.stdout.write(
    `${RESNET50_FOLDER} is ready. Use it:\n  ./scripts/cdf --model resnet50 --producers 1 --rate 2\n` +
      `  ./scripts/pulumi config set classification.model ${RESNET50_FOLDER} && ` +
      "./scripts/pulumi config set classification.classifierMemoryMB 2048 && ./scripts/up\n",
  );
  return 0;
});

function parse(args: readonly string[]): Weights {
  const options = {
    "random-weights": { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    labels: { type: "string" },
  } as const;
  const { values, positionals } = readArguments(args, options, { most: 1, usage: USAGE });
  const [path] = positionals;
  if (values["random-weights"] === (path !== undefined)) {
    throw new ToolchainError("name an ONNX file, or ask for --random-weights", USAGE);
  }
  if (path !== undefined) return { kind: "file", path, labels: values.labels };
  if (!/^\d{1,9}$/.test(values.seed))
    throw new ToolchainError(`--seed ${values.seed} is not a whole number`, USAGE);
  return { kind: "random", seed: Number(values.seed) };
}
