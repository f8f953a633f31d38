import { chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CARD_FILE, type CardFile } from "../../apps/classification/classifier/card.ts";
import { loadEngine } from "../../apps/classification/classifier/engine.ts";
import { encodeModel } from "../../apps/classification/model/onnx.ts";
import { type ResNetOptions, resNetGraph } from "../../apps/classification/model/resnet50.ts";
import { messageOf } from "../../apps/common/errors.ts";
import { ToolchainError } from "../toolchain/errors.ts";

/** Where the weights come from. */
export type Weights =
  | { readonly kind: "random"; readonly seed: number; readonly smaller?: Omit<ResNetOptions, "seed"> }
  | { readonly kind: "file"; readonly path: string; readonly labels: string | undefined };

const labelsFile = "labels.txt";
const classes = 1000;
const size = 224;

/**
 * Fills `folder` with a model, its card and its labels. What was there before stays until the new one has been loaded
 * and has classified a picture.
 *
 * @throws ToolchainError when the file is no ResNet50 for 224 × 224 pixels and 1000 classes
 */
export async function prepareResNet50(folder: string, weights: Weights): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const temporary = await mkdtemp(`${folder}.tmp-`);
  try {
    await (weights.kind === "random" ? writeRandom(temporary, weights) : copyOwn(temporary, weights));
    await check(temporary, weights);
    // Temporary folders are their owner's alone; images are built from this one by Docker's daemon.
    await chmod(temporary, 0o755);
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function writeRandom(
  folder: string,
  { seed, smaller }: Extract<Weights, { kind: "random" }>,
): Promise<void> {
  const file = "resnet50-random-weights.onnx";
  await writeFile(join(folder, file), encodeModel(resNetGraph({ seed, ...smaller })));
  const side = smaller?.size ?? size;
  await writeCard(
    folder,
    { name: "resnet50-random-weights", file },
    side,
    unnamed(smaller?.classes ?? classes),
  );
}

async function copyOwn(folder: string, { path, labels }: Extract<Weights, { kind: "file" }>): Promise<void> {
  const file = "resnet50.onnx";
  await copyFile(path, join(folder, file)).catch((error: NodeJS.ErrnoException) => {
    throw new ToolchainError(
      `${path} cannot be read (${error.code})`,
      "name an ONNX file: ./scripts/resnet50 FILE.onnx",
    );
  });
  const names = labels === undefined ? unnamed(classes) : await readLabels(labels);
  await writeCard(folder, { name: "resnet50", file }, size, names);
}

async function readLabels(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new ToolchainError(
      `${path} cannot be read (${error.code})`,
      "name a text file with one label a line",
    );
  });
  const labels = text.split("\n").map((line) => line.trim());
  if (labels.at(-1) === "") labels.pop();
  if (labels.length === classes && !labels.includes("")) return labels;
  throw new ToolchainError(
    `${path} has ${labels.filter((label) => label !== "").length} labels, and a ResNet50 has ${classes} classes`,
    "give one label a line, in the order of the model's classes, or leave --labels out",
  );
}

/** No names are claimed that nobody gave. */
function unnamed(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `class-${String(index).padStart(4, "0")}`);
}

/** The card of a model that was trained as torchvision trains: ImageNet's means and deviations, logits out. */
async function writeCard(
  folder: string,
  model: { name: string; file: string },
  side: number,
  labels: readonly string[],
): Promise<void> {
  const card: CardFile = {
    ...model,
    input: {
      width: side,
      height: side,
      layout: "NCHW",
      channels: "RGB",
      resize: "cover",
      scale: 1 / 255,
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
    },
    output: { activation: "softmax" },
    labelsFile,
  };
  await writeFile(join(folder, CARD_FILE), `${JSON.stringify(card, undefined, 2)}\n`);
  await writeFile(join(folder, labelsFile), `${labels.join("\n")}\n`);
}

/** Loads the model as the classifier will, and has it classify one black picture. */
async function check(folder: string, weights: Weights): Promise<void> {
  try {
    const engine = await loadEngine(folder, 1);
    const { width, height } = engine.card.input;
    await engine.classify([new Uint8Array(width * height * 3)]);
  } catch (error) {
    if (weights.kind === "random") throw error;
    throw new ToolchainError(
      `${weights.path} is not a ResNet50 as torchvision exports it: ${messageOf(error).replaceAll(folder, "its folder")}`,
      `export one: torch.onnx.export(torchvision.models.resnet50(weights="DEFAULT").eval(), torch.zeros(1, 3, 224, 224), "resnet50.onnx", dynamic_axes={"input": {0: "batch"}}, input_names=["input"])\nor: ./scripts/resnet50 --random-weights`,
    );
  }
}
