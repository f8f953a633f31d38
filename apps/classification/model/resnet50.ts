import { Random } from "../../common/random.ts";
import type { Constant, Graph, Node } from "./onnx.ts";

/** Of the graph; the defaults are those of ResNet50, smaller ones make models for tests. */
export interface ResNetOptions {
  readonly seed: number;
  /** Channels behind the first convolution. */
  readonly width?: number;
  /** Bottleneck blocks of each of the four stages. */
  readonly blocks?: readonly [number, number, number, number];
  /** Pixels, width and height. */
  readonly size?: number;
  readonly classes?: number;
}

/** One convolution. Batch normalisation follows each, which in a model that only infers is part of weights and bias. */
export interface ConvLayer {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  /** Pixels of the output, width and height. */
  readonly outputSize: number;
  /** Whether it ends a block's branch, whose sum with its shortcut must not grow from block to block. */
  readonly endsBranch: boolean;
}

/** A bottleneck block: 1×1, 3×3, 1×1, and a 1×1 shortcut where the shape changes. */
interface Block {
  readonly convs: readonly [ConvLayer, ConvLayer, ConvLayer];
  readonly shortcut: ConvLayer | undefined;
}

interface Architecture {
  readonly stem: ConvLayer;
  readonly blocks: readonly Block[];
  /** Channels before the last, fully connected layer. */
  readonly features: number;
  readonly size: number;
  readonly classes: number;
}

/** Channels of a block's output to those of its 3×3 convolution. */
const expansion = 4;
/** What is left of a branch's end, so that 16 sums keep the activations of the order of 1. */
const branchScale = 0.25;

/**
 * The layers of ResNet50 (K. He et al., "Deep Residual Learning for Image Recognition", 2016) in version 1.5, as
 * torchvision has it: where a block halves the size, its 3×3 convolution has the stride, not its first 1×1.
 */
export function resNetArchitecture(options: Omit<ResNetOptions, "seed"> = {}): Architecture {
  const { width = 64, blocks = [3, 4, 6, 3], size = 224, classes = 1000 } = options;
  const stemSize = Math.ceil(size / 2);
  const stem = conv("conv1", 3, width, 7, 2, stemSize);
  let inputs = width;
  let now = Math.ceil(stemSize / 2);
  const all = blocks.flatMap((count, stage) =>
    Array.from({ length: count }, (_, index): Block => {
      const name = `layer${stage + 1}.${index}`;
      const middle = width * 2 ** stage;
      const outputs = middle * expansion;
      const stride = stage > 0 && index === 0 ? 2 : 1;
      const before = now;
      now = Math.ceil(now / stride);
      const block: Block = {
        convs: [
          conv(`${name}.conv1`, inputs, middle, 1, 1, before),
          conv(`${name}.conv2`, middle, middle, 3, stride, now),
          { ...conv(`${name}.conv3`, middle, outputs, 1, 1, now), endsBranch: true },
        ],
        shortcut: index === 0 ? conv(`${name}.downsample`, inputs, outputs, 1, stride, now) : undefined,
      };
      inputs = outputs;
      return block;
    }),
  );
  return { stem, blocks: all, features: inputs, size, classes };
}

function conv(
  name: string,
  inputs: number,
  outputs: number,
  kernel: number,
  stride: number,
  outputSize: number,
): ConvLayer {
  return { name, inputs, outputs, kernel, stride, outputSize, endsBranch: false };
}

/** Every convolution, in order. */
export function convLayers({ stem, blocks }: Architecture): ConvLayer[] {
  return [stem, ...blocks.flatMap(({ convs, shortcut }) => [...convs, ...(shortcut ? [shortcut] : [])])];
}

/** Parameters as they are trained: weights, a scale and a shift of batch normalisation a channel, the last layer. */
export function parameterCount(architecture: Architecture): number {
  const convs = convLayers(architecture).map(
    ({ inputs, outputs, kernel }) => inputs * outputs * kernel ** 2 + 2 * outputs,
  );
  const last = architecture.features * architecture.classes + architecture.classes;
  return convs.reduce((sum, count) => sum + count, last);
}

/** Multiplications, each with its addition, for one image. */
export function multiplyAccumulates(architecture: Architecture): number {
  const convs = convLayers(architecture).map(
    ({ inputs, outputs, kernel, outputSize }) => inputs * outputs * kernel ** 2 * outputSize ** 2,
  );
  return convs.reduce((sum, count) => sum + count, architecture.features * architecture.classes);
}

/**
 * A graph of that architecture with random weights: input `input` [N, 3, size, size], output `logits` [N, classes].
 *
 * Batch normalisation is part of the convolutions, as exporters do it for inference. Weights are normal with the
 * variance 2 / fan-in (K. He et al., "Delving Deep into Rectifiers", 2015); the same seed gives the same weights.
 */
export function resNetGraph(options: ResNetOptions): Graph {
  const architecture = resNetArchitecture(options);
  const { stem, blocks, features, size, classes } = architecture;
  const random = new Random(options.seed);
  const constants: Constant[] = [];
  const nodes: Node[] = [];

  const convolve = (layer: ConvLayer, input: string): string => {
    const { name, inputs, outputs, kernel, stride, endsBranch } = layer;
    const scale = endsBranch ? branchScale : 1;
    const weight = `${name}.weight`;
    const bias = `${name}.bias`;
    constants.push(heNormal(weight, [outputs, inputs, kernel, kernel], inputs * kernel ** 2, random, scale), {
      name: bias,
      shape: [outputs],
      data: new Float32Array(outputs),
    });
    const pad = (kernel - 1) / 2;
    nodes.push({
      op: "Conv",
      inputs: [input, weight, bias],
      outputs: [name],
      attributes: {
        kernel_shape: [kernel, kernel],
        strides: [stride, stride],
        pads: [pad, pad, pad, pad],
      },
    });
    return name;
  };
  const apply = (
    op: string,
    inputs: string[],
    output: string,
    attributes: NonNullable<Node["attributes"]> = {},
  ) => {
    nodes.push({ op, inputs, outputs: [output], attributes });
    return output;
  };

  let x = apply("Relu", [convolve(stem, "input")], "conv1.relu");
  x = apply("MaxPool", [x], "maxpool", { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  for (const { convs, shortcut } of blocks) {
    const [first, second, third] = convs;
    const a = apply("Relu", [convolve(first, x)], `${first.name}.relu`);
    const b = apply("Relu", [convolve(second, a)], `${second.name}.relu`);
    const branch = convolve(third, b);
    const sum = apply("Add", [branch, shortcut ? convolve(shortcut, x) : x], `${third.name}.sum`);
    x = apply("Relu", [sum], `${third.name}.relu`);
  }
  x = apply("GlobalAveragePool", [x], "avgpool");
  x = apply("Flatten", [x], "flatten", { axis: 1 });
  constants.push(heNormal("fc.weight", [classes, features], features, random, 1), {
    name: "fc.bias",
    shape: [classes],
    data: new Float32Array(classes),
  });
  apply("Gemm", [x, "fc.weight", "fc.bias"], "logits", { transB: 1 });

  return {
    name: "resnet50-random-weights",
    nodes,
    inputs: [{ name: "input", shape: ["batch", 3, size, size] }],
    outputs: [{ name: "logits", shape: ["batch", classes] }],
    constants,
  };
}

function heNormal(
  name: string,
  shape: readonly number[],
  fanIn: number,
  random: Random,
  scale: number,
): Constant {
  const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
  const deviation = Math.sqrt(2 / fanIn) * scale;
  for (let i = 0; i < data.length; i += 1) data[i] = random.normal() * deviation;
  return { name, shape, data };
}
