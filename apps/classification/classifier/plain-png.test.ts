import fc from "fast-check";
import { encode } from "fast-png";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { decodePlainPng } from "./plain-png.ts";

const size = { width: 8, height: 8 };
const raw = Uint8Array.from({ length: 192 }, (_, i) => (i * 37) % 256);
const image = sharp(raw, { raw: { ...size, channels: 3 } });

describe("decodePlainPng", () => {
  it("gives the pixels, whoever encoded them", async () => {
    expect(decodePlainPng(await image.png().toBuffer(), size)).toEqual(raw);
    expect(decodePlainPng(encode({ ...size, data: raw, channels: 3 }), size)).toEqual(raw);
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
