import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { Random } from "../../common/random.ts";
import { type Architecture, inferenceGraph, parameters, smallNetwork, trainingGraph } from "./network.ts";
import { encodeModel } from "./onnx.ts";

const tiny: Architecture = {
  side: 8,
  convolutions: [
    { channels: 3, kernel: 5, stride: 2 },
    { channels: 4, kernel: 3, stride: 2 },
  ],
  classes: 3,
};
const BATCH = 4;

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

function randomCase(seed: number) {
  const random = new Random(seed);
  const floats = (count: number, scale: number) =>
    Float32Array.from({ length: count }, () => random.normal() * scale);
  const weights = new Map(
    parameters(tiny).map(({ name, shape }) => [name, { shape, data: floats(size(shape), 0.3) }] as const),
  );
  const truth = new Float32Array(BATCH * tiny.classes);
  for (let row = 0; row < BATCH; row += 1) truth[row * tiny.classes + random.below(tiny.classes)] = 1;
  return { weights, truth, input: floats(BATCH * 3 * 8 * 8, 1) };
}

async function step(session: InferenceSession, { weights, truth, input }: ReturnType<typeof randomCase>) {
  const outputs = await session.run({
    input: new Tensor("float32", input, [BATCH, 3, 8, 8]),
    truth: new Tensor("float32", truth, [BATCH, tiny.classes]),
    ...Object.fromEntries(
      [...weights].map(([name, { shape, data }]) => [name, new Tensor("float32", data, [...shape])]),
    ),
  });
  const probabilities = outputs.probabilities?.data as Float32Array;
  const loss = truth.reduce((sum, share, i) => sum - share * Math.log(probabilities[i] ?? 0), 0);
  return { loss, outputs };
}

describe("trainingGraph", () => {
  it("computes the gradient of the loss by every parameter, as finite differences do", async () => {
    const session = await InferenceSession.create(encodeModel(trainingGraph(tiny)));
    const given = randomCase(3);
    const { outputs } = await step(session, given);
    const h = 1e-2;
    for (const [name, { data, shape }] of given.weights) {
      const gradient = outputs[`d_${name}`]?.data as Float32Array;
      expect(outputs[`d_${name}`]?.dims, name).toEqual([...shape]);
      let [wrong, scale] = [0, 0];
      for (let i = 0; i < data.length; i += Math.ceil(data.length / 40)) {
        const value = data[i] ?? 0;
        data[i] = value + h;
        const above = (await step(session, given)).loss;
        data[i] = value - h;
        const below = (await step(session, given)).loss;
        data[i] = value;
        wrong += Math.abs((above - below) / (2 * h) - (gradient[i] ?? 0));
        scale += Math.abs(gradient[i] ?? 0);
      }
      expect(scale, name).toBeGreaterThan(0);
      // A rectifier that switches within ±h bends single differences; on average they agree.
      expect(wrong / scale, name).toBeLessThan(0.03);
    }
  });
});

describe("inferenceGraph", () => {
  it("takes any batch and fits into a megabyte", async () => {
    const architecture = smallNetwork(32, 100);
    const constants = parameters(architecture).map(({ name, shape }) => ({
      name,
      shape,
      data: new Float32Array(size(shape)),
    }));
    const model = encodeModel(inferenceGraph(architecture, constants));
    expect(model.length).toBeLessThanOrEqual(1_000_000);
    const session = await InferenceSession.create(model);
    for (const batch of [1, 5]) {
      const input = new Tensor("float32", new Float32Array(batch * 3072), [batch, 3, 32, 32]);
      const { probabilities } = await session.run({ input });
      expect(probabilities?.dims).toEqual([batch, 100]);
      // All weights are zero: every class is as likely as any other.
      expect(Number(probabilities?.data[0])).toBeCloseTo(0.01, 5);
    }
  });
});
