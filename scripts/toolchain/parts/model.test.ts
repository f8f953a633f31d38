import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadEngine } from "../../../apps/classification/classifier/engine.ts";
import { ROOT } from "../paths.ts";
import { TRAINED, trainedFrom } from "./model.ts";

const folder = join(ROOT, TRAINED);
const retrain = `node apps/classification/model/train.ts --data .edgelab/images/dataset --out ${TRAINED}`;

describe("the model of the repository", () => {
  it("is learnt by today's sources", async () => {
    const sources = (await readFile(join(folder, "sources"), "utf8")).trim();
    const today = await trainedFrom(ROOT);
    expect(sources, `train it anew: ${retrain}, then write ${today} into ${TRAINED}/sources`).toBe(today);
  });

  it("is one that the classifier runs", async () => {
    const engine = await loadEngine(folder, 1);
    const { width, height } = engine.card.input;
    const [scores] = await engine.classify([new Uint8Array(3 * width * height)]);
    expect(scores).toHaveLength(5);
    expect(scores?.reduce((sum, { score }) => sum + score, 0)).toBeLessThanOrEqual(1.001);
  });
});
