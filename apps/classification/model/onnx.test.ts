import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { encodeModel, type Graph } from "./onnx.ts";

const affine: Graph = {
  name: "affine",
  nodes: [
    { op: "Gemm", inputs: ["x", "w", "b"], outputs: ["y"], attributes: { transB: 1 } },
    { op: "ReduceSum", inputs: ["y", "axis"], outputs: ["total"], attributes: { keepdims: 0 } },
  ],
  inputs: [{ name: "x", shape: ["batch", 2] }],
  outputs: [
    { name: "y", shape: ["batch", 3] },
    { name: "total", shape: [3] },
  ],
  constants: [
    { name: "w", shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
    { name: "b", shape: [3], data: Float32Array.of(0.5, 0, -0.5) },
    { name: "axis", shape: [1], data: BigInt64Array.of(0n) },
  ],
};

describe("encodeModel", () => {
  it("writes files that onnxruntime reads back: constants, attributes, a free batch dimension", async () => {
    const session = await InferenceSession.create(encodeModel(affine));
    const outputs = await session.run({ x: new Tensor("float32", Float32Array.of(1, 0, 0, 1), [2, 2]) });
    expect([...((outputs.y?.data ?? []) as Float32Array)]).toEqual([1.5, 3, 4.5, 2.5, 4, 5.5]);
    expect([...((outputs.total?.data ?? []) as Float32Array)]).toEqual([4, 7, 10]);
    const [input] = session.inputMetadata;
    expect(input).toMatchObject({ name: "x", type: "float32", shape: ["batch", 2] });
  });

  it("writes the same bytes every time", () => {
    expect(encodeModel(affine)).toEqual(encodeModel(affine));
  });

  it("refuses a constant that does not fill its shape, by name", () => {
    const constants = [{ name: "w", shape: [2, 2], data: Float32Array.of(1) }];
    expect(() => encodeModel({ ...affine, constants })).toThrow("constant w has 1 values for shape [2, 2]");
  });
});
