import { inflateSync } from "node:zlib";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { decodePlainPng } from "./plain-png.ts";

const size = { width: 8, height: 8 };
const raw = Uint8Array.from({ length: 192 }, (_, i) => (i * 37) % 256);
const image = sharp(raw, { raw: { ...size, channels: 3 } });

describe("decodePlainPng", () => {
  it("gives the pixels, whichever filters their lines have", async () => {
    const length = 3 * size.width * size.height;
    // Slopes, steps and noise, for each of which libpng takes another filter.
    const images = fc
      .record({
        slope: fc.integer({ min: 0, max: 40 }),
        fall: fc.integer({ min: 0, max: 40 }),
        noise: fc.uint8Array({ minLength: length, maxLength: length }),
        strength: fc.constantFrom(0, 1, 16, 255),
      })
      .map(({ slope, fall, noise, strength }) =>
        noise.map((byte, i) => {
          const [x, y] = [Math.floor(i / 3) % size.width, Math.floor(i / 3 / size.width)];
          return x * slope + y * fall + (byte % (strength + 1));
        }),
      );
    const filters = new Set<number>();
    await fc.assert(
      fc.asyncProperty(images, fc.boolean(), async (pixels, adaptiveFiltering) => {
        const png = await sharp(pixels, { raw: { ...size, channels: 3 } })
          .png({ adaptiveFiltering })
          .toBuffer();
        for (const filter of filtersOf(png)) filters.add(filter);
        expect(decodePlainPng(png, size)).toEqual(pixels);
      }),
    );
    expect([...filters].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it("leaves alone what is of another size, depth, colour or order, or has colours to be corrected", async () => {
    const others = await Promise.all([
      image.clone().resize(8, 9).png().toBuffer(),
      image.clone().ensureAlpha(0.5).png().toBuffer(),
      image.clone().toColourspace("b-w").png().toBuffer(),
      image.clone().png({ palette: true }).toBuffer(),
      image.clone().toColourspace("rgb16").png().toBuffer(),
      image.clone().png({ progressive: true }).toBuffer(),
      image.clone().withIccProfile("p3").png().toBuffer(),
      image.clone().jpeg().toBuffer(),
    ]);
    expect(others.map((bytes) => decodePlainPng(bytes, size))).toEqual(others.map(() => undefined));
  });

  it("never throws, and never takes damaged pixels for an image", async () => {
    const whole = await image.png().toBuffer();
    const damage = fc.record({ at: fc.nat(whole.length - 1), by: fc.integer({ min: 1, max: 255 }) });
    fc.assert(
      fc.property(damage, fc.integer({ min: 0, max: whole.length }), ({ at, by }, length) => {
        const bytes = Buffer.from(whole.subarray(0, length));
        if (at < length) bytes[at] = (bytes[at] ?? 0) ^ by;
        const pixels = decodePlainPng(bytes, size);
        if (pixels !== undefined) expect(pixels).toEqual(raw);
      }),
    );
  });
});

/** The filters of the lines of a PNG by sharp, which has all its pixels in one chunk. */
function filtersOf(png: Buffer): number[] {
  const at = png.indexOf("IDAT");
  const lines = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
  return Array.from({ length: size.height }, (_, y) => lines[y * (1 + 3 * size.width)] ?? -1);
}
