import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Dimension, encodeModel, type Node } from "../../model/onnx.ts";
import { CARD_FILE, type CardFile } from "../card.ts";

/** The names of what the model tells apart, one a colour channel. */
export const colourLabels = ["red", "green", "blue"];

/** Edge of the model's input in pixels. */
export const colourSide = 8;

/** The card that fits {@link writeColourModel} with its default layout. */
export const colourCard: CardFile = {
  name: "colours",
  file: "model.onnx",
  input: {
    width: colourSide,
    height: colourSide,
    layout: "NCHW",
    channels: "RGB",
    scale: 1 / 255,
    mean: [0, 0, 0],
    std: [1, 1, 1],
  },
  output: { activation: "softmax" },
  labels: colourLabels,
};

/** What to change in the model's graph or card. */
export interface ColourModelOptions {
  readonly card?: Partial<CardFile>;
  readonly layout?: "NCHW" | "NHWC";
  readonly batch?: Dimension;
}

/**
 * Writes a small real model to a fresh temporary folder: its logits are ten times the mean of each colour channel.
 *
 * @returns the folder
 */
export function writeColourModel({
  card = {},
  layout = "NCHW",
  batch = "batch",
}: ColourModelOptions = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "colour-model-"));
  const turn: Node[] =
    layout === "NHWC"
      ? [{ op: "Transpose", inputs: ["pixels"], outputs: ["planes"], attributes: { perm: [0, 3, 1, 2] } }]
      : [{ op: "Identity", inputs: ["pixels"], outputs: ["planes"] }];
  const image = layout === "NHWC" ? [colourSide, colourSide, 3] : [3, colourSide, colourSide];
  const model = encodeModel({
    name: "colours",
    nodes: [
      ...turn,
      { op: "GlobalAveragePool", inputs: ["planes"], outputs: ["means"] },
      { op: "Flatten", inputs: ["means"], outputs: ["flat"] },
      { op: "Mul", inputs: ["flat", "ten"], outputs: ["logits"] },
    ],
    inputs: [{ name: "pixels", shape: [batch, ...image] }],
    outputs: [{ name: "logits", shape: [batch, 3] }],
    constants: [{ name: "ten", shape: [1], data: Float32Array.of(10) }],
  });
  writeFileSync(join(folder, "model.onnx"), model);
  writeFileSync(join(folder, CARD_FILE), JSON.stringify({ ...colourCard, ...card }));
  return folder;
}
