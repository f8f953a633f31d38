/**
 * Measures a model on the held-out part of a data set in the binary format of CIFAR-100, by the classifier's own card,
 * normalisation and onnxruntime; the images come as pixels, so only the decoding is not the classifier's.
 *
 *     node apps/classification/model/evaluate.ts --data DIR --model DIR
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import type { Card } from "../classifier/card.ts";
import { loadEngine } from "../classifier/engine.ts";
import { countRecords, getRecord, interleave, SIDE } from "../dataset/format.ts";

/** Images in one run of the graph. */
const BATCH = 100;

/** Shares, 0 to 1, of the images whose true label is the likeliest, or among the five likeliest. */
export interface Score {
  readonly model: string;
  readonly images: number;
  readonly top1: number;
  readonly top5: number;
}

/** The data set's fine labels, in the order of their numbers. */
export function readLabels(data: string): string[] {
  const lines = readFileSync(join(data, "fine_label_names.txt"), "utf8").split(/\r?\n/);
  return lines.map((line) => line.trim()).filter((line) => line !== "");
}

/** Measures the model of a folder on `test.bin` of the folder `data`. @throws when their labels differ */
export async function evaluate(data: string, model: string): Promise<Score> {
  const file = readFileSync(join(data, "test.bin"));
  const names = readLabels(data);
  const engine = await loadEngine(model, 1);
  const unknown = names.filter((name) => !engine.card.labels.includes(name));
  if (unknown.length > 0) {
    throw new Error(
      `model card ${engine.card.path}, labels: lacks ${unknown.length} labels of ${data}: ${unknown[0]}, …`,
    );
  }
  const images = countRecords(file, join(data, "test.bin"));
  let [top1, top5] = [0, 0];
  for (let start = 0; start < images; start += BATCH) {
    const count = Math.min(BATCH, images - start);
    const samples = Array.from({ length: count }, (_, i) => getRecord(file, start + i));
    const pixels = await Promise.all(samples.map(({ planes }) => fit(interleave(planes), engine.card)));
    const scores = await engine.classify(pixels);
    for (const [i, { fine }] of samples.entries()) {
      const place = scores[i]?.findIndex(({ label }) => label === names[fine]) ?? -1;
      if (place === 0) top1 += 1;
      if (place >= 0) top5 += 1;
    }
  }
  return { model: engine.card.name, images, top1: top1 / images, top5: top5 / images };
}

/** The image at the size that the model takes. */
async function fit(pixels: Uint8Array, { input }: Card): Promise<Uint8Array> {
  if (input.width === SIDE && input.height === SIDE) return pixels;
  return sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .resize(input.width, input.height, { fit: input.resize })
    .raw()
    .toBuffer();
}

/** One line for people. */
export function describeScore({ model, images, top1, top5 }: Score): string {
  const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
  return `${model}: top-1 ${percent(top1)}, top-5 ${percent(top5)} of ${images} held-out images`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { data: { type: "string" }, model: { type: "string" } } });
  const { data, model } = values;
  if (!data || !model) {
    console.error("usage: node apps/classification/model/evaluate.ts --data DIR --model DIR");
    process.exitCode = 2;
    return;
  }
  console.log(describeScore(await evaluate(data, model)));
}

if (import.meta.main) await main();
