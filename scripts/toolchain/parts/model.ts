import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { contentKey, filesKey, sourceClosure } from "../keys.ts";
import { type Context, healthy, logFile, missing, type Part } from "../part.ts";
import { logged } from "../run.ts";
import { entry, fill, keyOf } from "../store.ts";
import { nodeBinary } from "./node.ts";

const MAKE = "apps/classification/dataset/make.ts";
const TRAIN = "apps/classification/model/train.ts";
/** What the weights follow from; how the finished file is measured is not among it. */
const LEARN = [
  MAKE,
  "apps/classification/model/learn.ts",
  "apps/classification/model/network.ts",
  "apps/classification/model/onnx.ts",
];
/** The model as it was trained once, and {@link trainedFrom} of that time. */
export const TRAINED = "apps/classification/model/trained";

const DATASET_FILES = ["train.bin", "test.bin", "fine_label_names.txt", "coarse_label_names.txt"];
const MODEL_FILES = ["model.onnx", "card.json"];

/** The lab's own data set, made by a seeded script; remade when the script changes. */
export const datasetPart: Part = {
  name: "data set",
  needs: [],
  find: (context) => look(context, "dataset", datasetKey),
  get: async (context) => {
    await place(context, "dataset", await datasetKey(context), DATASET_FILES, (folder) =>
      script(context, "making the data set", MAKE, ["--out", folder]),
    );
  },
};

/** The lab's own model: the one that is in the repository, or one trained here where its sources are others by now. */
export const modelPart: Part = {
  name: "model",
  needs: ["data set"],
  find: (context) => look(context, "model", modelKey),
  get: async (context) => {
    const key = await modelKey(context);
    const { root } = context;
    if (await isTrained(root)) {
      await place(context, "model", key, MODEL_FILES, async (folder) => {
        for (const file of MODEL_FILES) await copyFile(join(root, TRAINED, file), join(folder, file));
      });
      return;
    }
    const data = privateFolder(context, "dataset");
    await place(context, "model", key, MODEL_FILES, (folder) =>
      script(context, "training the model", TRAIN, ["--data", data, "--out", folder]),
    );
  },
};

/** A key of what the lab's own model is learnt by and from. */
export async function trainedFrom(root: string): Promise<string> {
  const closures = await Promise.all(LEARN.map((file) => sourceClosure(root, file)));
  return filesKey(root, [...new Set(closures.flat())], "trained-1");
}

/** Whether the model of the repository is what training would give today. */
async function isTrained(root: string): Promise<boolean> {
  const from = await readFile(join(root, TRAINED, "sources"), "utf8");
  return from.trim() === (await trainedFrom(root));
}

async function look(context: Context, name: string, keyFor: (context: Context) => Promise<string>) {
  const key = await keyFor(context);
  if ((await keyOf(privateFolder(context, name))) !== key) return missing(`no ${name} in .edgelab/images`);
  return healthy(key, "made here");
}

async function place(
  context: Context,
  name: string,
  key: string,
  files: readonly string[],
  make: (folder: string) => Promise<void>,
): Promise<void> {
  const cached = await entry(join(context.cache, `images-${name}-${key}`), make);
  const items = Object.fromEntries(files.map((file) => [file, join(cached, file)]));
  await fill(privateFolder(context, name), key, items);
}

async function script(context: Context, what: string, file: string, args: readonly string[]): Promise<void> {
  const run = () =>
    logged(logFile(context, "model"), nodeBinary(context.root), [join(context.root, file), ...args], {
      cwd: context.root,
      env: context.env,
    });
  await context.progress.step(what, run);
}

async function datasetKey({ root }: Context): Promise<string> {
  return filesKey(root, await sourceClosure(root, MAKE), "dataset-1");
}

async function modelKey(context: Context): Promise<string> {
  const { root } = context;
  if (await isTrained(root)) {
    return filesKey(
      root,
      MODEL_FILES.map((file) => `${TRAINED}/${file}`),
      "trained-1",
    );
  }
  const lock = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, { version?: string } | undefined>;
  };
  return contentKey({
    dataset: await datasetKey(context),
    sources: await filesKey(root, await sourceClosure(root, TRAIN), "model-1"),
    // Its arithmetic decides the last bits of the trained weights.
    runtime: lock.packages["node_modules/onnxruntime-node"]?.version ?? "",
  });
}

function privateFolder({ project }: Context, name: string): string {
  return join(project, "images", name);
}
