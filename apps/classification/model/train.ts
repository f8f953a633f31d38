/**
 * Trains the lab's default model on a data set in the binary format of CIFAR-100 and measures the finished file.
 *
 *     node apps/classification/model/train.ts --data DIR --out DIR
 *
 * Writes model.onnx and card.json. Ends with exit code 1 when the finished file, run as the classifier runs it, names
 * less than 95 % of the images of test.bin rightly.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CARD_FILE, type CardFile } from "../classifier/card.ts";
import { SIDE } from "../dataset/format.ts";
import { describeScore, evaluate, readLabels } from "./evaluate.ts";
import { type LearningOptions, learn, NORMALISATION, ownLearning } from "./learn.ts";
import { inferenceGraph, smallNetwork } from "./network.ts";
import { encodeModel } from "./onnx.ts";

/** Share of test.bin that the model must name rightly. */
const REQUIRED = 0.95;

/** Trains on `train.bin` in the folder `data` and writes model.onnx and card.json to the folder `out`. */
export async function train(
  data: string,
  out: string,
  options: LearningOptions,
  report: (epoch: number, loss: number, accuracy: number) => void,
): Promise<void> {
  const labels = readLabels(data);
  const architecture = smallNetwork(SIDE, labels.length);
  const constants = await learn(readFileSync(join(data, "train.bin")), architecture, options, report);
  const { scale, mean, std } = NORMALISATION;
  const card: CardFile = {
    name: "edgelab-shapes",
    file: "model.onnx",
    input: {
      width: SIDE,
      height: SIDE,
      layout: "NCHW",
      channels: "RGB",
      scale,
      mean: [mean, mean, mean],
      std: [std, std, std],
      resize: "fill",
    },
    output: { activation: "none" },
    labels,
  };
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, card.file), encodeModel(inferenceGraph(architecture, constants)));
  writeFileSync(join(out, CARD_FILE), `${JSON.stringify(card, null, 2)}\n`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { data: { type: "string" }, out: { type: "string" } } });
  const { data, out } = values;
  if (!data || !out) {
    console.error("usage: node apps/classification/model/train.ts --data DIR --out DIR");
    process.exitCode = 2;
    return;
  }
  const start = performance.now();
  const { epochs } = ownLearning;
  await train(data, out, ownLearning, (epoch, loss, accuracy) => {
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(
      `epoch ${epoch}/${epochs}  loss ${loss.toFixed(3)}  accuracy ${percent(accuracy)}  ${seconds} s`,
    );
  });
  const score = await evaluate(data, out);
  console.log(describeScore(score));
  if (score.top1 < REQUIRED) {
    console.error(`the model is below the required ${percent(REQUIRED)} on ${join(data, "test.bin")}`);
    process.exitCode = 1;
  }
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

if (import.meta.main) await main();
