import { InferenceSession, Tensor } from "onnxruntime-node";
import { type Binding, bindCard, type Card, readCard, type Tensor as TensorShape } from "./card.ts";
import { type Score, softmax, topScores } from "./labels.ts";
import { normalise, valuesPerImage } from "./preprocess.ts";

/** Labels that a result names. */
const TOP = 5;

/**
 * Threads of one run share its work in ever smaller blocks rather than in one for each: images are decoded on the same
 * processors, and a thread that had to give way for that is otherwise waited for by all others.
 * See "Dynamic block-sizing" in onnxruntime's guide to thread management.
 */
const blocks = { dynamic_block_base: "4" };

/** A model that is loaded and fits its card. */
export interface Engine {
  readonly card: Card;
  /**
   * Classifies decoded images (see decode) in one run of the graph, or in several where its batch dimension is fixed.
   * Blocks the calling thread while the graph runs.
   */
  classify(images: readonly Uint8Array[]): Promise<Score[][]>;
}

/**
 * Loads the model of a folder.
 *
 * @param threads threads that onnxruntime may use for one run
 * @throws when the card is wrong, the model cannot be loaded or they do not fit
 */
export async function loadEngine(folder: string, threads: number): Promise<Engine> {
  const card = readCard(folder);
  const session = await openSession(card, threads);
  const binding = bindCard(card, session.inputMetadata.map(toShape), session.outputMetadata.map(toShape));
  return {
    card,
    async classify(images) {
      const size = binding.fixedBatch ?? Math.max(1, images.length);
      const scores: Score[][] = [];
      for (let start = 0; start < images.length; start += size) {
        scores.push(...(await run(session, card, binding, size, images.slice(start, start + size))));
      }
      return scores;
    },
  };
}

async function openSession(card: Card, threads: number): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(card.modelPath, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      extra: { session: blocks },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`model card ${card.path}, file: ${card.modelPath} cannot be loaded: ${reason}`);
  }
}

function toShape(metadata: InferenceSession.ValueMetadata): TensorShape {
  if (!metadata.isTensor) return { name: metadata.name, type: "no tensor", shape: [] };
  return { name: metadata.name, type: metadata.type, shape: metadata.shape };
}

/** One run of the graph over at most `size` images; a batch of fixed size is filled up with zeros. */
async function run(
  session: InferenceSession,
  card: Card,
  binding: Binding,
  size: number,
  images: readonly Uint8Array[],
): Promise<Score[][]> {
  const { width, height, layout } = card.input;
  const values = valuesPerImage(card.input);
  const data = new Float32Array(size * values);
  for (const [i, pixels] of images.entries()) normalise(pixels, card.input, data, i * values);
  const shape = layout === "NCHW" ? [size, 3, height, width] : [size, height, width, 3];

  const outputs = await session.run({ [binding.input]: new Tensor("float32", data, shape) });
  const result = outputs[binding.output]?.data;
  const classes = card.labels.length;
  if (!(result instanceof Float32Array) || result.length !== size * classes) {
    throw new Error(
      `model card ${card.path}, labels: the card names ${classes} classes, but ${size} images gave ${result?.length} values`,
    );
  }
  return images.map((_, i) => {
    const raw = result.slice(i * classes, (i + 1) * classes);
    return topScores(card.output.activation === "softmax" ? softmax(raw) : raw, card.labels, TOP);
  });
}
