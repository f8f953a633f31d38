import { describe, expect, it } from "vitest";
import { checkJpeg } from "../../media/jpeg.ts";
import { drawText, textSize } from "./digits.ts";
import { chooseQuality, encodeJpeg } from "./encode.ts";
import { Scene } from "./scene.ts";

/** Rows of a picture as text: `#` white, `.` black. */
function rows(pixels: Buffer, width: number): string[] {
  const texts: string[] = [];
  for (let at = 0; at < pixels.length; at += width * 3) {
    const dots = Array.from({ length: width }, (_, x) => (pixels[at + x * 3] === 255 ? "#" : "."));
    texts.push(dots.join(""));
  }
  return texts;
}

describe("drawText", () => {
  it("draws digits in a box, dot by dot", () => {
    const { width, height } = textSize("17", 1);
    const pixels = Buffer.alloc(width * height * 3, 128);
    drawText({ pixels, width, height }, "17", 0, 0, 1);
    expect(rows(pixels, width)).toEqual([
      ".............",
      "...#...#####.",
      "..##.......#.",
      ".#.#......#..",
      "...#......#..",
      "...#.....#...",
      "...#.....#...",
      ".#####...#...",
      ".............",
    ]);
    expect(pixels).not.toContain(128);
  });

  it("refuses what it cannot draw", () => {
    const raster = { pixels: Buffer.alloc(300), width: 10, height: 10 };
    expect(() => drawText(raster, "0", 4, 0, 1)).toThrow("does not fit");
    expect(() => drawText(raster, "Q", 0, 0, 1)).toThrow("no glyph");
  });
});

describe("Scene", () => {
  const scene = new Scene(320, 240);
  const copy = (frame: number, timeMs: number) => Buffer.from(scene.draw(frame, timeMs));
  /** The lower half of the picture, which has no text in it. */
  const ground = (pixels: Buffer) => pixels.subarray(pixels.length / 2);

  it("is the same for the same frame and time, and moves from frame to frame", () => {
    expect(copy(5, 1000).equals(copy(5, 1000))).toBe(true);
    expect(ground(copy(5, 1000)).equals(ground(copy(5, 2000)))).toBe(true);
    expect(ground(copy(5, 1000)).equals(ground(copy(6, 1000)))).toBe(false);
  });

  it("closes to a ring: it moves by four pixels everywhere, and comes round", () => {
    for (const frame of [0, 79, 80, 120, 159]) {
      const [now, next] = [ground(copy(frame, 0)), ground(copy(frame + 1, 0))];
      expect(now.subarray(4 * 3, 320 * 3).equals(next.subarray(0, 316 * 3))).toBe(true);
    }
    expect(ground(copy(0, 0)).equals(ground(copy(160, 0)))).toBe(true);
  });

  it("draws the number and the time", () => {
    expect(copy(5, 1000).equals(copy(165, 1000))).toBe(false);
    expect(copy(5, 1000).equals(copy(5, 1001))).toBe(false);
  });
});

describe("chooseQuality", () => {
  it("comes within a tenth of the mean size that the lab's cameras have", { timeout: 30_000 }, async () => {
    const scene = new Scene(1280, 720);
    const target = 85 * 1024;
    const { quality, meanBytes } = await chooseQuality(scene, target);
    expect(Math.abs(meanBytes / target - 1)).toBeLessThan(0.1);
    // Neither mud nor more than a camera gives.
    expect(quality).toBeGreaterThan(60);
    expect(quality).toBeLessThan(92);
    const jpeg = await encodeJpeg(scene.draw(77, 0), 1280, 720, quality);
    expect(checkJpeg(jpeg)).toEqual({ width: 1280, height: 720 });
    expect(Math.abs(jpeg.length / target - 1)).toBeLessThan(0.1);
  });

  it("ends at the best or worst quality when the size cannot be had", async () => {
    const scene = new Scene(320, 240);
    expect((await chooseQuality(scene, 1)).quality).toBe(1);
    expect((await chooseQuality(scene, 1e9)).quality).toBe(100);
  });
});
