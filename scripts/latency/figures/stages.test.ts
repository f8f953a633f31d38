import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { stagesFigure } from "./stages.ts";
import { texts } from "./testing/svg.ts";

// The first text drawn indexes the fonts.
vi.setConfig({ testTimeout: 60_000 });

let fontsDir: string;
beforeAll(async () => {
  fontsDir = await mkdtemp(join(tmpdir(), "edgelab-fonts-"));
});
afterAll(() => rm(fontsDir, { recursive: true }));

const row = (producers: number, ...means: number[]) => ({
  producers,
  stages: means.map((meanMs, i) => ({ name: ["sent", "acknowledged", "inference"][i] ?? "", meanMs })),
});

describe("stagesFigure", () => {
  it("gives each stage its mean where there is room, and each bar its total", async () => {
    const rows = [row(2, 0.01, 20, 30.02), row(1, 5, 6, 7)];
    const words = texts((await stagesFigure({ rows, title: "Stages" }, fontsDir)).svg);
    for (const text of ["1 producer", "2 producers", "1 sent", "2 acknowledged", "3 inference"])
      expect(words).toContain(text);
    for (const text of ["5.0", "6.0", "7.0", "18.0 ms", "20.0", "30.0", "50.0 ms"])
      expect(words).toContain(text);
    expect(words).not.toContain("0.0");
    expect(words.indexOf("1 producer")).toBeLessThan(words.indexOf("2 producers"));
  });

  it("says which mean below 0 it cannot draw", async () => {
    const { svg } = await stagesFigure({ rows: [row(1, 5, -0.2, 7)], title: "Stages" }, fontsDir);
    expect(texts(svg)).toContain(
      "Not drawn: acknowledged with 1 producer, −0.2 ms (measured with two clocks).",
    );
    expect(texts(svg)).toContain("11.8 ms");
  });

  it("refuses a mean that is not a number", async () => {
    const rows = [row(1, Number.NaN)];
    await expect(stagesFigure({ rows, title: "" }, fontsDir)).rejects.toThrow(
      'The mean of "sent" at 1 producer(s)',
    );
  });
});
