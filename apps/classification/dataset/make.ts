/**
 * Makes the data set that the lab uses by default: coloured shapes, 100 classes, in the binary format of CIFAR-100.
 *
 *     node apps/classification/dataset/make.ts --out DIR [--seed N] [--train N] [--test N]
 */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Random } from "../../common/random.ts";
import { classes, coarseNames } from "./classes.ts";
import { drawImage } from "./draw.ts";
import { putRecord, RECORD_BYTES } from "./format.ts";

/** Seed of the data set that the default model is trained on. */
const DEFAULT_SEED = 100;

/**
 * A file of `perClass` images of each of the 100 classes, in random order. The same arguments give the same bytes on
 * every machine.
 */
function makeFile(random: Random, perClass: number): Uint8Array {
  const labels = random.shuffle(classes.flatMap((_, fine) => Array.from({ length: perClass }, () => fine)));
  const file = new Uint8Array(labels.length * RECORD_BYTES);
  for (const [index, fine] of labels.entries()) {
    const what = classes[fine];
    if (!what) throw new RangeError(`there is no class ${fine}`);
    putRecord(file, index, { coarse: what.coarse, fine, planes: drawImage(random, what.shape, what.colour) });
  }
  return file;
}

/** How many images of each class the files hold, and the seed they are drawn from. */
export interface DatasetOptions {
  readonly seed: number;
  readonly train: number;
  readonly test: number;
}

/** The data set's files by name, as in the CIFAR-100 archive. */
export function makeDataset({ seed, train, test }: DatasetOptions): Map<string, Uint8Array> {
  const random = new Random(seed);
  const lines = (names: readonly string[]) => Buffer.from(`${names.join("\n")}\n`);
  return new Map<string, Uint8Array>([
    ["train.bin", makeFile(random, train)],
    ["test.bin", makeFile(random, test)],
    ["fine_label_names.txt", lines(classes.map((each) => each.name))],
    ["coarse_label_names.txt", lines(coarseNames)],
  ]);
}

/** A non-negative integer from the command line. @throws with the option's name when it is none */
function toInteger(option: string, text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new Error(`--${option} must be a whole number, not ${JSON.stringify(text)}`);
  }
  return value;
}

function main(): void {
  const { values } = parseArgs({
    options: {
      out: { type: "string" },
      seed: { type: "string", default: String(DEFAULT_SEED) },
      train: { type: "string", default: "100" },
      test: { type: "string", default: "50" },
    },
  });
  if (!values.out)
    throw new Error("--out is missing: node apps/classification/dataset/make.ts --out DIR [--seed N]");
  const files = makeDataset({
    seed: toInteger("seed", values.seed),
    train: toInteger("train", values.train),
    test: toInteger("test", values.test),
  });
  mkdirSync(values.out, { recursive: true });
  for (const [name, content] of files) {
    writeFileSync(join(values.out, name), content);
    const sha256 = createHash("sha256").update(content).digest("hex");
    console.log(`${sha256}  ${join(values.out, name)}  ${content.length} bytes`);
  }
}

if (import.meta.main) main();
