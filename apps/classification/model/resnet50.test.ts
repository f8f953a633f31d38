import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { encodeModel } from "./onnx.ts";
import {
  convLayers,
  multiplyAccumulates,
  parameterCount,
  resNetArchitecture,
  resNetGraph,
} from "./resnet50.ts";

describe("the architecture", () => {
  const architecture = resNetArchitecture();

  it("has the layers, parameters and cost of torchvision's ResNet50", () => {
    expect(convLayers(architecture)).toHaveLength(53);
    expect(parameterCount(architecture)).toBe(25_557_032);
    // Published as 4.09 billion for one image of 224 × 224.
    expect(multiplyAccumulates(architecture) / 1e9).toBeCloseTo(4.09, 2);
    expect(architecture.features).toBe(2048);
  });

  it("halves the size at the 3×3 convolution of a stage's first block (version 1.5)", () => {
    const [first, second] = architecture.blocks[3]?.convs ?? [];
    expect([first?.stride, first?.outputSize]).toEqual([1, 56]);
    expect([second?.kernel, second?.stride, second?.outputSize]).toEqual([3, 2, 28]);
  });
});

describe("the graph", () => {
  const small = { width: 4, blocks: [1, 2, 1, 1], size: 32, classes: 10 } as const;
  const run = async (seed: number, images: number) => {
    const session = await InferenceSession.create(encodeModel(resNetGraph({ seed, ...small })));
    const pixels = Float32Array.from({ length: images * 3 * 32 * 32 }, (_, i) => Math.sin(i));
    const { logits } = await session.run({ input: new Tensor("float32", pixels, [images, 3, 32, 32]) });
    return { dims: logits?.dims, data: [...((logits?.data as Float32Array | undefined) ?? [])] };
  };

  it("takes batches of any size and gives finite logits that depend on the picture", async () => {
    for (const images of [1, 3]) {
      const { dims, data } = await run(1, images);
      expect(dims).toEqual([images, 10]);
      expect(data.every(Number.isFinite)).toBe(true);
      expect(new Set(data).size).toBe(images * 10);
    }
  });

  it("has the same weights for the same seed, and others for another", async () => {
    expect(encodeModel(resNetGraph({ seed: 3, ...small }))).toEqual(
      encodeModel(resNetGraph({ seed: 3, ...small })),
    );
    expect((await run(3, 1)).data).not.toEqual((await run(4, 1)).data);
  });

  it("keeps the activations of the order of 1 through all 16 blocks", async () => {
    const deep = { seed: 1, width: 8, size: 64, classes: 10 };
    const session = await InferenceSession.create(encodeModel(resNetGraph(deep)));
    const pixels = Float32Array.from({ length: 3 * 64 * 64 }, (_, i) => Math.sin(i));
    const { logits } = await session.run({ input: new Tensor("float32", pixels, [1, 3, 64, 64]) });
    const largest = Math.max(...[...((logits?.data as Float32Array | undefined) ?? [])].map(Math.abs));
    expect(largest).toBeGreaterThan(0.01);
    expect(largest).toBeLessThan(100);
  });
});
