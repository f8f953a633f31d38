import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { rasterise } from "./raster.ts";
import { FONT, textWidth } from "./style.ts";

// The first text drawn indexes the fonts.
vi.setConfig({ testTimeout: 60_000 });

let fontsDir: string;
beforeAll(async () => {
  fontsDir = await mkdtemp(join(tmpdir(), "edgelab-fonts & more-"));
});
afterAll(() => rm(fontsDir, { recursive: true }));

/** A text of 40 px in a picture of 900 × 60 px; the number of dots an inch makes it 3.125 times as large. */
const picture = (text: string, family = FONT) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="60">` +
  `<text x="10" y="45" font-family="${family}" font-size="40">${text}</text></svg>`;

/** How wide the part of a picture that is not white is, in px of the SVG. */
async function inkWidth(png: Buffer): Promise<number> {
  const { info } = await sharp(png)
    .trim({ background: "white", threshold: 40 })
    .toBuffer({ resolveWithObject: true });
  return info.width / 3.125;
}

describe("rasterise", () => {
  it("draws 300 dots an inch on white", async () => {
    const { width, height, density, hasAlpha } = await sharp(
      await rasterise(picture("x"), fontsDir),
    ).metadata();
    expect({ width, height, density, hasAlpha }).toEqual({
      width: 2813,
      height: 188,
      density: 300,
      hasAlpha: false,
    });
  });

  it.each(["HillWMW 0123456789", "E2E latency (n = 1,200)", "H±−H"])(
    "draws %s in the font whose widths the layout computes with",
    async (text) => {
      const drawn = await inkWidth(await rasterise(picture(text), fontsDir));
      // The ink lacks the blank sides of the first and the last letter.
      expect(drawn).toBeGreaterThan(textWidth(text, 40) - 10);
      expect(drawn).toBeLessThan(textWidth(text, 40) + 1);
    },
  );

  it("knows no other fonts than the project's own", async () => {
    await rasterise(picture("x"), fontsDir);
    const folders =
      (await readFile(join(fontsDir, "fonts.conf"), "utf8")).match(/(?<=<dir>).*(?=<\/dir>)/g) ?? [];
    expect(folders).toHaveLength(1);
    expect(await readdir(folders[0] ?? "")).toContain("DejaVuSans.ttf");
  });
});
