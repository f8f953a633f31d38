import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadEngine } from "./engine.ts";
import { softmax, topScores } from "./labels.ts";
import { colourCard, colourSide, writeColourModel } from "./testing/colour-model.ts";

const image = (...rgb: number[]): Uint8Array =>
  Uint8Array.from({ length: colourSide * colourSide * 3 }, (_, i) => rgb[i % 3] ?? 0);
const images = [image(255, 0, 0), image(0, 255, 0), image(0, 0, 255)];
const best = (scores: readonly (readonly { label: string }[])[]) => scores.map(([first]) => first?.label);

describe("loadEngine", () => {
  it("names the images of a batch, each with probabilities that sum to 1", async () => {
    const engine = await loadEngine(writeColourModel(), 1);
    const scores = await engine.classify(images);
    expect(best(scores)).toEqual(["red", "green", "blue"]);
    expect(scores[0]?.[0]?.score).toBeCloseTo(Math.E ** 10 / (Math.E ** 10 + 2), 5);
    expect(scores[0]?.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
    expect(await engine.classify([])).toEqual([]);
  });

  it("feeds NHWC models and BGR models as their cards say", async () => {
    const nhwc = writeColourModel({
      layout: "NHWC",
      card: { input: { ...colourCard.input, layout: "NHWC" } },
    });
    expect(best(await (await loadEngine(nhwc, 1)).classify(images))).toEqual(["red", "green", "blue"]);
    const bgr = writeColourModel({ card: { input: { ...colourCard.input, channels: "BGR" } } });
    expect(best(await (await loadEngine(bgr, 1)).classify(images))).toEqual(["blue", "green", "red"]);
  });

  it("runs a model of fixed batch as often as it takes", async () => {
    const engine = await loadEngine(writeColourModel({ batch: 2 }), 1);
    expect(best(await engine.classify(images))).toEqual(["red", "green", "blue"]);
  });

  it("leaves probabilities as they are when the card says so", async () => {
    const engine = await loadEngine(writeColourModel({ card: { output: { activation: "none" } } }), 1);
    expect((await engine.classify([image(255, 0, 0)]))[0]?.[0]?.score).toBeCloseTo(10, 4);
  });

  it("refuses a card that does not fit, and a file that is no model", async () => {
    const folder = writeColourModel({ card: { labels: ["red", "green"] } });
    await expect(loadEngine(folder, 1)).rejects.toThrow(/labels: the card names 2 classes.*\[batch, 3\]/);
    const broken = writeColourModel();
    writeFileSync(join(broken, "model.onnx"), "no model");
    await expect(loadEngine(broken, 1)).rejects.toThrow(/card\.json, file: .*model\.onnx cannot be loaded/);
  });
});

describe("labels", () => {
  it("computes softmax without overflowing", () => {
    expect([...softmax(Float32Array.of(1000, 1000))]).toEqual([0.5, 0.5]);
    expect([...softmax(Float32Array.of(0, Math.log(3)))].map((p) => Number(p.toFixed(5)))).toEqual([
      0.25, 0.75,
    ]);
  });

  it("puts the likeliest first and keeps the order of equals", () => {
    expect(topScores(Float32Array.of(0.25, 0.5, 0.25), ["a", "b", "c"], 3).map(({ label }) => label)).toEqual(
      ["b", "a", "c"],
    );
    expect(topScores(Float32Array.of(0.25, 0.5, 0.25), ["a", "b", "c"], 1)).toEqual([
      { label: "b", score: 0.5 },
    ]);
  });
});
