import { InferenceSession, Tensor } from "onnxruntime-node";
import { Random } from "../../common/random.ts";
import { countRecords, getRecord, SIDE } from "../dataset/format.ts";
import { adamState, adamStep } from "./adam.ts";
import { type Architecture, type Parameter, parameters, trainingGraph } from "./network.ts";
import { type Constant, encodeModel } from "./onnx.ts";

/** How to train. */
export interface LearningOptions {
  readonly seed: number;
  /** Times that every image is seen. */
  readonly epochs: number;
  readonly batch: number;
  /** Learning rate at the start; it falls in a straight line to a hundredth of that. */
  readonly rate: number;
}

/** How the lab's own model is trained. */
export const ownLearning: LearningOptions = { seed: 1, epochs: 26, batch: 50, rate: 0.003 };

/** What the network's input is made of: (byte ÷ 255 − mean) ÷ std, the same for each channel. */
export const NORMALISATION = { scale: 1 / 255, mean: 0.5, std: 0.25 };

/** A trainable tensor with its present values. */
type Weight = Parameter & Constant & { readonly data: Float32Array };

/** He's initialisation (K. He et al., ICCV 2015) for what feeds a rectifier; biases begin at zero. */
function initialise(random: Random, parameter: Parameter): Weight {
  const size = parameter.shape.reduce((product, dimension) => product * dimension, 1);
  const deviation = parameter.fanIn === 0 ? 0 : Math.sqrt(2 / parameter.fanIn);
  const data = Float32Array.from({ length: size }, () => random.normal() * deviation);
  return { ...parameter, data };
}

/**
 * Trains the network on the records of a CIFAR-100 file with Adam and cross-entropy. One thread and a fixed seed: the
 * same machine gives the same weights; another kind of processor may round its sums differently in the last bits.
 *
 * @param report told of every epoch's mean loss (nats) and share of images named rightly while learning
 */
export async function learn(
  file: Uint8Array,
  architecture: Architecture,
  { seed, epochs, batch, rate }: LearningOptions,
  report: (epoch: number, loss: number, accuracy: number) => void,
): Promise<Constant[]> {
  const random = new Random(seed);
  const weights = parameters(architecture).map((parameter) => initialise(random, parameter));
  const states = weights.map(({ data }) => adamState(data.length));
  const session = await InferenceSession.create(encodeModel(trainingGraph(architecture)), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
  });
  const order = Array.from({ length: countRecords(file, "the training file") }, (_, index) => index);
  const steps = epochs * Math.ceil(order.length / batch);
  let step = 0;
  for (let epoch = 1; epoch <= epochs; epoch += 1) {
    random.shuffle(order);
    let [loss, right] = [0, 0];
    for (let start = 0; start < order.length; start += batch) {
      const chosen = order.slice(start, start + batch);
      const { input, truth, labels } = load(random, file, chosen, architecture.classes);
      const feeds = { input, truth, ...Object.fromEntries(weights.map((w) => [w.name, toTensor(w)])) };
      const outputs = await session.run(feeds);
      const score = judge(floats(outputs, "probabilities"), labels, architecture.classes);
      loss += score.loss;
      right += score.right;
      step += 1;
      const now = rate * (1 - (0.99 * step) / steps);
      for (const [i, weight] of weights.entries()) {
        const state = states[i];
        if (state) adamStep(weight.data, floats(outputs, `d_${weight.name}`), state, step, now);
      }
    }
    report(epoch, loss / order.length, right / order.length);
  }
  await session.release();
  return weights.map(({ name, shape, data }) => ({ name, shape, data }));
}

const toTensor = ({ data, shape }: Weight): Tensor => new Tensor("float32", data, [...shape]);

function floats(outputs: InferenceSession.ReturnType, name: string): Float32Array {
  const data = outputs[name]?.data;
  if (!(data instanceof Float32Array)) throw new Error(`the training graph gave no floats as ${name}`);
  return data;
}

/** Farthest that an image is moved, in pixels, each time that it is learnt from. */
const REACH = 4;

/** The planes moved by whole pixels; what comes in from outside repeats the pixel at the edge. */
function shift(planes: Uint8Array, dx: number, dy: number): Uint8Array {
  const moved = new Uint8Array(planes.length);
  for (let plane = 0; plane < planes.length; plane += SIDE * SIDE) {
    for (let y = 0; y < SIDE; y += 1) {
      const from = plane + Math.min(SIDE - 1, Math.max(0, y - dy)) * SIDE;
      for (let x = 0; x < SIDE; x += 1) {
        moved[plane + y * SIDE + x] = planes[from + Math.min(SIDE - 1, Math.max(0, x - dx))] ?? 0;
      }
    }
  }
  return moved;
}

/** A batch as tensors: normalised planes, and one-hot labels. */
function load(random: Random, file: Uint8Array, chosen: readonly number[], classes: number) {
  const { scale, mean, std } = NORMALISATION;
  const size = 3 * SIDE * SIDE;
  const pixels = new Float32Array(chosen.length * size);
  const truth = new Float32Array(chosen.length * classes);
  const labels: number[] = [];
  for (const [row, index] of chosen.entries()) {
    const { fine, planes } = getRecord(file, index);
    if (fine >= classes)
      throw new RangeError(`record ${index} has label ${fine}, but there are ${classes} names`);
    const shifted = shift(planes, random.below(2 * REACH + 1) - REACH, random.below(2 * REACH + 1) - REACH);
    for (let i = 0; i < size; i += 1) pixels[row * size + i] = ((shifted[i] ?? 0) * scale - mean) / std;
    truth[row * classes + fine] = 1;
    labels.push(fine);
  }
  return {
    input: new Tensor("float32", pixels, [chosen.length, 3, SIDE, SIDE]),
    truth: new Tensor("float32", truth, [chosen.length, classes]),
    labels,
  };
}

/** Summed cross-entropy (nats) of a batch and how many of it have their true class on top. */
function judge(probabilities: Float32Array, labels: readonly number[], classes: number) {
  let [loss, right] = [0, 0];
  for (const [row, label] of labels.entries()) {
    const scores = probabilities.subarray(row * classes, (row + 1) * classes);
    const truth = scores[label] ?? 0;
    loss -= Math.log(Math.max(truth, 1e-12));
    if (scores.every((score) => score <= truth)) right += 1;
  }
  return { loss, right };
}
