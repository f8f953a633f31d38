/**
 * The default classifier: a small convolutional network, as two ONNX graphs over the same parameters. One is the
 * finished model; the other is one step of training, the loss and its gradient by every parameter, with
 * back-propagation written out in ONNX operators, so that onnxruntime does the arithmetic of training too.
 */
import type { Constant, Graph, Node, Value } from "./onnx.ts";

/** A convolution with "same" padding, bias and rectified output; the kernel's edge is odd and the input's even. */
interface Convolution {
  readonly channels: number;
  readonly kernel: number;
  readonly stride: number;
}

/** Shape of the network and of what it sees. */
export interface Architecture {
  /** Width and height of the RGB input. */
  readonly side: number;
  readonly convolutions: readonly Convolution[];
  readonly classes: number;
}

/** A tensor that training changes. `fanIn` is how many inputs feed one of its outputs; 0 marks a bias. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly fanIn: number;
}

/** 32×32 RGB → 16×16×16 → 8×8×32 → 4×4×64 → classes; below 1 MB as 32-bit floats for 100 classes. */
export const smallNetwork = (side: number, classes: number): Architecture => ({
  side,
  convolutions: [
    { channels: 16, kernel: 5, stride: 2 },
    { channels: 32, kernel: 3, stride: 2 },
    { channels: 64, kernel: 3, stride: 2 },
    { channels: 96, kernel: 3, stride: 2 },
  ],
  classes,
});

/** The network's parameters, in the order in which the graphs name them. */
export function parameters({ side, convolutions, classes }: Architecture): Parameter[] {
  let channels = 3;
  let size = side;
  const all: Parameter[] = [];
  for (const [i, layer] of convolutions.entries()) {
    const { kernel } = layer;
    all.push(
      { name: `w${i}`, shape: [layer.channels, channels, kernel, kernel], fanIn: channels * kernel * kernel },
      { name: `b${i}`, shape: [layer.channels], fanIn: 0 },
    );
    channels = layer.channels;
    size /= layer.stride;
  }
  const features = channels * size * size;
  all.push(
    { name: "w", shape: [features, classes], fanIn: features },
    { name: "b", shape: [classes], fanIn: 0 },
  );
  return all;
}

/** The finished model: `input` [batch, 3, side, side] → `probabilities` [batch, classes]. */
export function inferenceGraph(architecture: Architecture, constants: readonly Constant[]): Graph {
  const { side, classes } = architecture;
  return {
    name: "edgelab-images",
    nodes: forward(architecture),
    inputs: [{ name: "input", shape: ["batch", 3, side, side] }],
    outputs: [{ name: "probabilities", shape: ["batch", classes] }],
    constants,
  };
}

/**
 * One step of training. Inputs: `input` [batch, 3, side, side], `truth` [batch, classes] (one-hot) and every
 * parameter by its name. Outputs: `probabilities`, and for each parameter p `d_p`, the gradient of the summed
 * cross-entropy.
 */
export function trainingGraph(architecture: Architecture): Graph {
  const { side, classes } = architecture;
  const all = parameters(architecture).map(({ name, shape }): Value => ({ name, shape }));
  return {
    name: "edgelab-images-training",
    nodes: [...forward(architecture), ...backward(architecture)],
    inputs: [
      { name: "input", shape: ["batch", 3, side, side] },
      { name: "truth", shape: ["batch", classes] },
      ...all,
    ],
    outputs: [
      { name: "probabilities", shape: ["batch", classes] },
      ...all.map(({ name, shape }) => ({ name: `d_${name}`, shape })),
    ],
    constants: [
      { name: "batch_axis", shape: [1], data: BigInt64Array.of(0n) },
      { name: "all_but_channels", shape: [3], data: BigInt64Array.of(0n, 2n, 3n) },
    ],
  };
}

/** Name of the rectified output of convolution i; what feeds the first one is the input. */
const activation = (i: number): string => (i < 0 ? "input" : `a${i}`);

const square = (size: number): [number, number] => [size, size];

function forward({ convolutions }: Architecture): Node[] {
  const nodes: Node[] = [];
  for (const [i, { kernel, stride }] of convolutions.entries()) {
    const pad = (kernel - 1) / 2;
    nodes.push(
      {
        op: "Conv",
        inputs: [activation(i - 1), `w${i}`, `b${i}`],
        outputs: [`z${i}`],
        attributes: { kernel_shape: square(kernel), strides: square(stride), pads: [pad, pad, pad, pad] },
      },
      { op: "Relu", inputs: [`z${i}`], outputs: [activation(i)] },
    );
  }
  return [
    ...nodes,
    { op: "Flatten", inputs: [activation(convolutions.length - 1)], outputs: ["features"] },
    { op: "Gemm", inputs: ["features", "w", "b"], outputs: ["logits"] },
    { op: "Softmax", inputs: ["logits"], outputs: ["probabilities"], attributes: { axis: 1 } },
  ];
}

/**
 * Back-propagation. The gradient by the logits of softmax with cross-entropy is `probabilities − truth`. That by a
 * convolution's input is the transposed convolution of the gradient by its output. That by its kernel is the
 * convolution of its input with the gradient by its output, batch and channels exchanged, the stride as dilation.
 */
function backward({ convolutions }: Architecture): Node[] {
  const last = convolutions.length - 1;
  const nodes: Node[] = [
    { op: "Sub", inputs: ["probabilities", "truth"], outputs: ["d_logits"] },
    { op: "Gemm", inputs: ["features", "d_logits"], outputs: ["d_w"], attributes: { transA: 1 } },
    { op: "ReduceSum", inputs: ["d_logits", "batch_axis"], outputs: ["d_b"], attributes: { keepdims: 0 } },
    { op: "Gemm", inputs: ["d_logits", "w"], outputs: ["d_features"], attributes: { transB: 1 } },
    { op: "Shape", inputs: [activation(last)], outputs: ["a_shape"] },
    { op: "Reshape", inputs: ["d_features", "a_shape"], outputs: [`d_${activation(last)}`] },
  ];
  for (let i = last; i >= 0; i -= 1) {
    const layer = convolutions[i];
    if (layer) nodes.push(...convolutionBackward(i, layer));
  }
  return nodes;
}

function convolutionBackward(i: number, { kernel, stride }: Convolution): Node[] {
  const pad = (kernel - 1) / 2;
  const swap = { perm: [1, 0, 2, 3] };
  // With an even input the stride leaves its last padded row and column unread: they are no part of the kernel's sum.
  const end = pad - (stride - 1);
  const nodes: Node[] = [
    // A rectified value is never negative, so its sign is 1 where the gradient passes and 0 where it does not.
    { op: "Sign", inputs: [activation(i)], outputs: [`mask${i}`] },
    { op: "Mul", inputs: [`d_${activation(i)}`, `mask${i}`], outputs: [`d_z${i}`] },
    { op: "Transpose", inputs: [`d_z${i}`], outputs: [`d_z${i}_t`], attributes: swap },
    { op: "Transpose", inputs: [activation(i - 1)], outputs: [`x${i}_t`], attributes: swap },
    {
      op: "Conv",
      inputs: [`x${i}_t`, `d_z${i}_t`],
      outputs: [`d_w${i}_t`],
      attributes: { dilations: square(stride), pads: [pad, pad, end, end] },
    },
    { op: "Transpose", inputs: [`d_w${i}_t`], outputs: [`d_w${i}`], attributes: swap },
    {
      op: "ReduceSum",
      inputs: [`d_z${i}`, "all_but_channels"],
      outputs: [`d_b${i}`],
      attributes: { keepdims: 0 },
    },
  ];
  if (i === 0) return nodes;
  return [
    ...nodes,
    {
      op: "ConvTranspose",
      inputs: [`d_z${i}`, `w${i}`],
      outputs: [`d_${activation(i - 1)}`],
      attributes: {
        kernel_shape: square(kernel),
        strides: square(stride),
        pads: [pad, pad, pad, pad],
        output_padding: square(stride - 1),
      },
    },
  ];
}
