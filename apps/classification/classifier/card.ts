import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";

const triple = z.tuple([z.number(), z.number(), z.number()]);

const cardSchema = z.strictObject({
  /** What the model is called in results. */
  name: z.string().min(1),
  /** The ONNX file, relative to the card. */
  file: z.string().min(1),
  input: z.strictObject({
    /** Name of the graph's input; needed only where it has several. */
    name: z.string().min(1).optional(),
    /** Pixels. */
    width: z.int().min(1).max(4096),
    height: z.int().min(1).max(4096),
    /** Order of the dimensions: batch N, channels C, height H, width W. */
    layout: z.enum(["NCHW", "NHWC"]),
    channels: z.enum(["RGB", "BGR"]),
    /** A value given to the model is (byte × scale − mean) ÷ std; mean and std in the order of `channels`. */
    scale: z.number().positive(),
    mean: triple,
    std: triple.refine((values) => values.every((value) => value > 0), "must be greater than 0"),
    /** How another size is made to fit: stretched, or filled and cut to the middle. */
    resize: z.enum(["fill", "cover"]).default("fill"),
  }),
  output: z.strictObject({
    /** Name of the graph's output; needed only where it has several. */
    name: z.string().min(1).optional(),
    /** What turns the graph's output into probabilities: `softmax` for logits, `none` where it ends in one itself. */
    activation: z.enum(["none", "softmax"]),
  }),
  /** Names of the classes in the order of the output … */
  labels: z.array(z.string().min(1)).min(2).optional(),
  /** … or a text file of them relative to the card, one a line. */
  labelsFile: z.string().min(1).optional(),
});

/** A model card as it stands in the file, defaults optional. */
export type CardFile = z.input<typeof cardSchema>;

/** A model card, checked and complete: how to feed an ONNX image classifier and how to read its output. */
export interface Card extends Omit<z.output<typeof cardSchema>, "labels" | "labelsFile"> {
  /** Path of the card's file, for messages. */
  readonly path: string;
  /** Path of the ONNX file. */
  readonly modelPath: string;
  readonly labels: readonly string[];
}

/** Name of the card in a model's folder. */
export const CARD_FILE = "card.json";

/**
 * Reads and checks the card of the model in a folder.
 *
 * @throws one error that names the card's file and every wrong field
 */
export function readCard(folder: string): Card {
  const path = join(folder, CARD_FILE);
  const parsed = cardSchema.safeParse(parseJson(path));
  if (!parsed.success) {
    const faults = parsed.error.issues.map(
      (issue) => `  ${issue.path.join(".") || "(card)"}: ${issue.message}`,
    );
    throw new Error(`model card ${path} is wrong:\n${faults.join("\n")}`);
  }
  const { labels, labelsFile, ...rest } = parsed.data;
  return {
    ...rest,
    path,
    modelPath: join(folder, rest.file),
    labels: resolveLabels(path, labels, labelsFile),
  };
}

function parseJson(path: string): unknown {
  const text = readText(path, "model card");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`model card ${path} is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}

function readText(path: string, what: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`${what} ${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

function resolveLabels(path: string, labels: string[] | undefined, file: string | undefined): string[] {
  if ((labels === undefined) === (file === undefined)) {
    throw new Error(`model card ${path} is wrong:\n  labels: give either labels or labelsFile, and not both`);
  }
  if (labels) return labels;
  const lines = readText(join(dirname(path), file ?? ""), `model card ${path}, labelsFile:`)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (lines.length < 2)
    throw new Error(`model card ${path}, labelsFile: ${file} names fewer than two classes`);
  return lines;
}

/** An input or output of an ONNX graph: its dimensions, where a string stands for one that is free. */
export interface Tensor {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** What the card says, joined with the names and the batch limit found in the graph. */
export interface Binding {
  readonly input: string;
  readonly output: string;
  /** Images that the graph takes at once: its fixed batch dimension, or undefined where that is free. */
  readonly fixedBatch: number | undefined;
}

/**
 * Checks the card against the real inputs and outputs of the graph.
 *
 * @throws one error that names the card's file and every field that does not fit the model
 */
export function bindCard(card: Card, inputs: readonly Tensor[], outputs: readonly Tensor[]): Binding {
  const faults: string[] = [];
  const input = pick("input", card.input.name, inputs, faults);
  const output = pick("output", card.output.name, outputs, faults);
  if (input) faults.push(...checkInput(card, input));
  if (output) faults.push(...checkOutput(card, output));
  if (faults.length > 0 || !input || !output) {
    throw new Error(`model card ${card.path} does not fit ${card.modelPath}:\n  ${faults.join("\n  ")}`);
  }
  const batch = input.shape[0];
  return { input: input.name, output: output.name, fixedBatch: isFixed(batch) ? batch : undefined };
}

/** A free dimension is a name in most files, and -1 or 0 in some. */
const isFixed = (size: number | string | undefined): size is number => typeof size === "number" && size > 0;

const describe = (tensor: Tensor): string => `${tensor.name} ${tensor.type} [${tensor.shape.join(", ")}]`;

function pick(side: "input" | "output", name: string | undefined, all: readonly Tensor[], faults: string[]) {
  const found = name === undefined && all.length === 1 ? all[0] : all.find((tensor) => tensor.name === name);
  if (found) return found;
  const choices = all.map(describe).join("; ");
  faults.push(
    name === undefined
      ? `${side}.name: is needed, the model has ${all.length} ${side}s: ${choices}`
      : `${side}.name: the model has no ${side} ${JSON.stringify(name)}, only ${choices}`,
  );
  return undefined;
}

function checkInput(card: Card, tensor: Tensor): string[] {
  const { width, height, layout } = card.input;
  const wanted = layout === "NCHW" ? [3, height, width] : [height, width, 3];
  const fields = layout === "NCHW" ? ["layout", "height", "width"] : ["height", "width", "layout"];
  if (tensor.type !== "float32")
    return [`input: the model takes ${describe(tensor)}, but only float32 is supported`];
  if (tensor.shape.length !== 4) return [`input: the model takes ${describe(tensor)}, not four dimensions`];
  return wanted.flatMap((size, i) => {
    const real = tensor.shape[i + 1];
    if (!isFixed(real) || real === size) return [];
    return [
      `input.${fields[i]}: the card means [N, ${wanted.join(", ")}], the model takes ${describe(tensor)}`,
    ];
  });
}

function checkOutput(card: Card, tensor: Tensor): string[] {
  const classes = tensor.shape[1];
  if (tensor.type !== "float32" || tensor.shape.length !== 2) {
    return [`output: the model gives ${describe(tensor)}, not float32 [N, classes]`];
  }
  if (!isFixed(classes) || classes === card.labels.length) return [];
  return [`labels: the card names ${card.labels.length} classes, the model gives ${describe(tensor)}`];
}
