import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { loadEngine } from "../../apps/classification/classifier/engine.ts";
import { prepareResNet50 } from "./resnet50.ts";

const smaller = { width: 4, blocks: [1, 1, 1, 1], size: 32, classes: 10 } as const;
let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "resnet50-"));
  folder = join(root, "models/resnet50");
});

describe("prepareResNet50", () => {
  it("makes a model whose name says that its weights are random, and that the classifier can use", async () => {
    await prepareResNet50(folder, { kind: "random", seed: 1, smaller });
    const engine = await loadEngine(folder, 1);
    expect(engine.card.name).toBe("resnet50-random-weights");
    const [scores] = await engine.classify([new Uint8Array(32 * 32 * 3).fill(200)]);
    expect(scores).toHaveLength(5);
    expect(scores?.[0]?.label).toMatch(/^class-000\d$/);
    const bytes = readFileSync(join(folder, "resnet50-random-weights.onnx"));
    await prepareResNet50(folder, { kind: "random", seed: 1, smaller });
    expect(readFileSync(join(folder, "resnet50-random-weights.onnx")).equals(bytes)).toBe(true);
    expect(readdirSync(join(root, "models"))).toEqual(["resnet50"]);
  });

  it("refuses what is no ResNet50 and leaves the model that was there", async () => {
    await prepareResNet50(folder, { kind: "random", seed: 1, smaller });
    const own = { kind: "file", labels: undefined } as const;
    await expect(prepareResNet50(folder, { ...own, path: join(root, "no.onnx") })).rejects.toThrow(
      "no.onnx cannot be read (ENOENT)",
    );
    writeFileSync(join(root, "text.onnx"), "not a model");
    await expect(prepareResNet50(folder, { ...own, path: join(root, "text.onnx") })).rejects.toThrow(
      "is not a ResNet50 as torchvision exports it",
    );
    const path = join(folder, "resnet50-random-weights.onnx");
    await expect(prepareResNet50(folder, { ...own, path })).rejects.toThrow(/224|1000|shape|dimension/);
    writeFileSync(join(root, "few.txt"), "cat\ndog\n");
    const labels = join(root, "few.txt");
    await expect(prepareResNet50(folder, { kind: "file", path, labels })).rejects.toThrow(
      "few.txt has 2 labels, and a ResNet50 has 1000 classes",
    );
    expect(existsSync(path)).toBe(true);
    expect(readdirSync(join(root, "models"))).toEqual(["resnet50"]);
  });
});
