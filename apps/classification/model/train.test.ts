import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCard } from "../classifier/card.ts";
import { makeDataset } from "../dataset/make.ts";
import { evaluate } from "./evaluate.ts";
import { train } from "./train.ts";

const folder = mkdtempSync(join(tmpdir(), "train-"));
const data = join(folder, "data");
const settings = { seed: 1, epochs: 6, batch: 50, rate: 0.003 };

/** Trains on the small set and returns the loss after each epoch. */
async function losses(out: string): Promise<number[]> {
  const all: number[] = [];
  await train(data, join(folder, out), settings, (_epoch, loss) => all.push(loss));
  return all;
}

beforeAll(() => {
  mkdirSync(data);
  for (const [name, bytes] of makeDataset({ seed: 5, train: 6, test: 2 }))
    writeFileSync(join(data, name), bytes);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("train", () => {
  it("learns, the same each time, and writes a model that its card fits", { timeout: 60_000 }, async () => {
    const first = await losses("a");
    const second = await losses("b");
    expect(second).toEqual(first);
    expect(readFileSync(join(folder, "a/model.onnx"))).toEqual(readFileSync(join(folder, "b/model.onnx")));
    // ln 100 = 4.61 is the loss of one who knows nothing.
    expect(first.at(-1)).toBeLessThan(4);
    expect(statSync(join(folder, "a/model.onnx")).size).toBeLessThanOrEqual(1_000_000);
    expect(readCard(join(folder, "a")).labels).toHaveLength(100);

    const score = await evaluate(data, join(folder, "a"));
    expect(score).toMatchObject({ model: "edgelab-shapes", images: 200 });
    expect(score.top1).toBeGreaterThan(0.02);
    expect(score.top5).toBeGreaterThan(score.top1);
  });

  it("refuses to judge a model by labels that it does not know", async () => {
    const other = join(folder, "other");
    mkdirSync(other);
    writeFileSync(join(other, "test.bin"), readFileSync(join(data, "test.bin")));
    writeFileSync(join(other, "fine_label_names.txt"), "cat\ndog\n");
    await train(data, join(folder, "c"), { ...settings, epochs: 1 }, () => {});
    await expect(evaluate(other, join(folder, "c"))).rejects.toThrow(/labels: lacks 2 labels.*cat/);
  });
});
