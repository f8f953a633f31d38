import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { decode, type InputCard, isShortage, NotAnImage, normalise } from "./preprocess.ts";

const input: InputCard = {
  width: 2,
  height: 1,
  layout: "NCHW",
  channels: "RGB",
  scale: 1 / 255,
  mean: [0.5, 0.25, 0],
  std: [0.5, 0.25, 1],
  resize: "fill",
};
const pixels = Uint8Array.of(255, 0, 51, 0, 255, 102);

const normalised = (changes: Partial<InputCard>, offset = 0): number[] => {
  const into = new Float32Array(6 + offset);
  normalise(pixels, { ...input, ...changes }, into, offset);
  return Array.from(into, (value) => Number(value.toFixed(5)));
};

describe("normalise", () => {
  it("writes planes for NCHW", () => {
    expect(normalised({})).toEqual([1, -1, -1, 3, 0.2, 0.4]);
  });

  it("writes pixels for NHWC", () => {
    expect(normalised({ layout: "NHWC" })).toEqual([1, -1, 0.2, -1, 3, 0.4]);
  });

  it("takes mean and deviation in the order of the card's channels", () => {
    expect(normalised({ channels: "BGR" })).toEqual([-0.6, -0.2, -1, 3, 1, 0]);
  });

  it("keeps bytes for scale 1, mean 0, deviation 1, and writes where it is told", () => {
    expect(normalised({ scale: 1, mean: [0, 0, 0], std: [1, 1, 1], layout: "NHWC" }, 2)).toEqual([
      0, 0, 255, 0, 51, 0, 255, 102,
    ]);
  });
});

const square: InputCard = { ...input, width: 8, height: 8 };
const flat = (
  width: number,
  height: number,
  background: string | { r: number; g: number; b: number; alpha: number },
) => sharp({ create: { width, height, channels: 4, background } });
const LIMIT = 1_000_000;

describe("decode", () => {
  it.each(["png", "jpeg", "webp", "gif", "avif", "tiff"] as const)("reads %s", async (format) => {
    const bytes = await flat(20, 12, "#c02040").flatten().toFormat(format).toBuffer();
    const decoded = await decode(bytes, square, LIMIT);
    expect(decoded).toHaveLength(8 * 8 * 3);
    const [red = 0, green = 0, blue = 0] = decoded;
    expect(Math.abs(red - 0xc0) + Math.abs(green - 0x20) + Math.abs(blue - 0x40)).toBeLessThan(16);
  });

  it("reads greyscale and 16 bit images as RGB bytes", async () => {
    const grey = await flat(8, 8, "#808080").flatten().greyscale().png().toBuffer();
    const deep = await flat(8, 8, "#808080").flatten().toColourspace("rgb16").png().toBuffer();
    for (const bytes of [grey, deep]) {
      expect([...(await decode(bytes, square, LIMIT)).subarray(0, 3)]).toEqual([128, 128, 128]);
    }
  });

  it("puts what is transparent on black", async () => {
    const bytes = await flat(8, 8, { r: 255, g: 0, b: 0, alpha: 0 }).png().toBuffer();
    expect([...(await decode(bytes, square, LIMIT)).subarray(0, 3)]).toEqual([0, 0, 0]);
  });

  it("takes PNG pixels of the model's size as they are", async () => {
    const raw = Uint8Array.from({ length: 192 }, (_, i) => (i * 37) % 256);
    const bytes = await sharp(raw, { raw: { width: 8, height: 8, channels: 3 } })
      .png()
      .toBuffer();
    expect(new Uint8Array(await decode(bytes, square, LIMIT))).toEqual(raw);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(), /no bytes/],
    ["text", Buffer.from("hello, world"), /unsupported image format/],
    [
      "random bytes",
      Uint8Array.from({ length: 500 }, (_, i) => (i * 7919) % 251),
      /unsupported image format/,
    ],
  ])("refuses %s with the reason", async (_what, bytes, reason) => {
    const refusal = decode(bytes, square, LIMIT);
    await expect(refusal).rejects.toBeInstanceOf(NotAnImage);
    await expect(refusal).rejects.toThrow(reason);
  });

  it.each(["png", "jpeg"] as const)("refuses a %s that is cut off", async (format) => {
    const noise = { type: "gaussian", mean: 128, sigma: 40 } as const;
    const whole = await sharp({ create: { width: 64, height: 64, channels: 3, background: "#000", noise } })
      .toFormat(format)
      .toBuffer();
    await expect(decode(whole.subarray(0, whole.length / 2), square, LIMIT)).rejects.toBeInstanceOf(
      NotAnImage,
    );
  });

  it("refuses an image of more pixels than allowed, however few its bytes", async () => {
    const bytes = await flat(2000, 2000, "#000").png().toBuffer();
    await expect(decode(bytes, square, LIMIT)).rejects.toThrow(/exceeds pixel limit/);
  });
});

describe("isShortage", () => {
  it.each([
    ["vips_malloc: out of memory", true],
    ["unable to allocate 120000000 bytes", true],
    ["unable to create thread", true],
    ["ENOMEM: not enough memory", true],
    ["EMFILE: too many open files", true],
    ["Input buffer contains unsupported image format", false],
    ["Input image exceeds pixel limit", false],
    ["pngload_buffer: libspng read error", false],
    ["VipsJpeg: premature end of JPEG image", false],
  ])("%s: %s", (message, expected) => {
    expect(isShortage(message)).toBe(expected);
  });
});
