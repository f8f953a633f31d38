import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultFit } from "../../apps/logistics/analyser/fit/settings.ts";
import { type Evaluation, evaluate } from "../../apps/logistics/analyser/quality/evaluate.ts";
import { syntheticSeries } from "../../apps/logistics/analyser/testing/series.ts";
import { COLOURS } from "../latency/figures/style.ts";
import { elements, texts } from "../latency/figures/testing/svg.ts";
import { forecastFigure } from "./figure.ts";
import { describeForecasts } from "./report.ts";

let fontsDir: string;
let evaluation: Evaluation;
beforeAll(async () => {
  fontsDir = await mkdtemp(join(tmpdir(), "edgelab-fonts-"));
  const history = syntheticSeries({ seed: 1, count: 12 * 48, everySeconds: 1800, noise: 2, weekly: 0 });
  evaluation = evaluate("crowd", history, defaultFit) ?? expect.unreachable();
});
afterAll(() => rm(fontsDir, { recursive: true }));

describe("describeForecasts", () => {
  it("has a line for the model and one for the seasonal-naive forecast, and says what becomes of zeros", () => {
    const text = describeForecasts([evaluation], 0.8);
    const [, , model = "", naive = ""] = text.split("\n");
    expect(model).toMatch(/^crowd +model +\d+ +[\d.]+ +[\d.]+ % +0\.\d+ +\d\d\.\d % +[\d.]+$/);
    expect(naive).toMatch(/^ +as 1 d before +\d+ /);
    expect(text).toContain("MAPE leaves out readings of 0, by which it would divide: 0 of them.");
    expect(text).toContain("are to hold 80.0 %");
  });
});

describe("forecastFigure", () => {
  it("draws truth, forecast, interval and the seasonal-naive forecast", async () => {
    const captions = { title: "A title" };
    const { svg, png } = await forecastFigure({ last: evaluation.last, captions }, fontsDir);
    expect(texts(svg)).toEqual(
      expect.arrayContaining(["A title", "truth", "forecast", "its interval", "time (UTC)"]),
    );
    const lines = elements(svg, "path");
    for (const colour of [COLOURS.black, COLOURS.blue, COLOURS.orange]) {
      expect(lines.some(({ stroke, d }) => stroke === colour && (d ?? "").split("L").length > 40)).toBe(true);
    }
    expect(lines.some(({ fill, d }) => fill === COLOURS.blue && (d ?? "").split("L").length > 80)).toBe(true);
    expect(await sharp(png).metadata()).toMatchObject({ width: 1950, format: "png" });
  });
});
