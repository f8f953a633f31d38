import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { encodePng } from "./png.ts";

describe("encodePng", () => {
  it("is what sharp reads as the same pixels, of any size", async () => {
    const size = fc.integer({ min: 1, max: 40 });
    const image = fc.tuple(size, size).chain(([width, height]) => {
      const length = 3 * width * height;
      return fc.record({
        width: fc.constant(width),
        height: fc.constant(height),
        pixels: fc.uint8Array({ minLength: length, maxLength: length }),
      });
    });
    await fc.assert(
      fc.asyncProperty(image, async ({ width, height, pixels }) => {
        const { data, info } = await sharp(encodePng(pixels, width, height))
          .raw()
          .toBuffer({ resolveWithObject: true });
        expect({ width: info.width, height: info.height, channels: info.channels }).toEqual({
          width,
          height,
          channels: 3,
        });
        expect(Uint8Array.from(data)).toEqual(pixels);
      }),
    );
  });
});
