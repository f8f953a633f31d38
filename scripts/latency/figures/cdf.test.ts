import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { bootstrap } from "../statistics/bootstrap.ts";
import { type Simulation, simulate } from "../statistics/testing/simulate.ts";
import { cdfFigure, compareFigure } from "./cdf.ts";
import { curveStyle } from "./style.ts";
import { elements, texts } from "./testing/svg.ts";

// The first text drawn indexes the fonts.
vi.setConfig({ testTimeout: 60_000 });

let fontsDir: string;
beforeAll(async () => {
  fontsDir = await mkdtemp(join(tmpdir(), "edgelab-fonts-"));
});
afterAll(() => rm(fontsDir, { recursive: true }));

const distribution = (options: Simulation) => bootstrap(simulate(options), { seed: 1, resamples: 100 });
const curve = (svg: string, producers: number) =>
  elements(svg, "path").filter(({ stroke }) => stroke === curveStyle(producers).colour);

describe("cdfFigure", () => {
  it("says what each curve is, its loss and overload included", async () => {
    const results = [
      distribution({ seed: 2, producers: 2, overloaded: true }),
      distribution({ seed: 1, blocks: 60 }),
      distribution({ seed: 3, producers: 3, loss: 1.1 }),
    ];
    const captions = { title: "A title", subtitle: "One line\nand another", note: "A note < & >" };
    const { svg, png } = await cdfFigure({ results, ...captions }, fontsDir);
    const words = texts(svg);
    for (const text of ["A title", "One line", "and another", "A note < & >", "median", "p90", "p95", "p99"])
      expect(words).toContain(text);
    const labels = words.filter((text) => /^\d producers? /.test(text));
    expect(labels).toEqual([
      "1 producer (n = 2,400, lost 0)",
      "2 producers (n = 1,200, lost 0), overloaded",
      "3 producers (n = 1,200, lost 1,200 = 100 %)",
    ]);
    expect(await sharp(png).metadata()).toMatchObject({ width: 1950, format: "png" });
  });

  it("marks no percentile that the sample is too small for", async () => {
    const marks = async (images: number) => {
      const results = [distribution({ seed: 1, blocks: 10, imagesPerBlock: images / 10 })];
      const { svg } = await cdfFigure({ results, title: "" }, fontsDir);
      return elements(svg, "path").filter(
        ({ fill, stroke }) => fill === curveStyle(1).colour && stroke === "white",
      );
    };
    expect(await marks(400)).toHaveLength(4);
    expect(await marks(100)).toHaveLength(3);
    expect(await marks(30)).toHaveLength(1);
  });

  it("draws a curve with losses level to the edge, below 1", async () => {
    const results = [distribution({ seed: 1 }), distribution({ seed: 2, producers: 2, loss: 0.2 })];
    const { svg } = await cdfFigure({ results, title: "" }, fontsDir);
    const ends = [1, 2].map((producers) => {
      const [path] = curve(svg, producers).toSorted((a, b) => (b.d?.length ?? 0) - (a.d?.length ?? 0));
      return (path?.d ?? "").split("L").at(-1)?.split(",").map(Number) ?? [];
    });
    const [[wholeX = 0, wholeY] = [], [lossyX = 0, lossyY = 0] = []] = ends;
    expect(wholeY).toBe(0);
    expect(lossyX).toBeGreaterThan(wholeX);
    expect(lossyX).toBe(540);
    const { n = 1, lost = 0 } = results[1] ?? {};
    expect(lossyY).toBeCloseTo((250 * lost) / n, 1);
  });
});

describe("compareFigure", () => {
  it("draws the same count of both runs in one colour, A solid and B dashed", async () => {
    const a = { name: "run one", results: [distribution({ seed: 1, producers: 3 })] };
    const b = { name: "run two", results: [distribution({ seed: 2, producers: 3 })] };
    const { svg } = await compareFigure({ a, b, title: "Compared" }, fontsDir);
    const lines = curve(svg, 3).filter((path) => path["stroke-width"] === "1.6");
    // A curve and its sample in the legend for each run.
    expect(lines.filter((path) => path["stroke-dasharray"] === undefined)).toHaveLength(2);
    expect(lines.filter((path) => path["stroke-dasharray"] === "5,3")).toHaveLength(2);
    expect(texts(svg)).toContain("A (solid, filled marks): run one");
    expect(texts(svg)).toContain("B: 3 producers (n = 1,200, lost 0)");
  });
});
