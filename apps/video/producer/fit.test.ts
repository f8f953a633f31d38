import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { fakeJpeg } from "../../media/testing/jpeg.ts";
import { Fitter, type Picture, UnfitError } from "./fit.ts";

const width = 640;
const height = 360;
let noisy: Picture;

/** A picture with much detail, so that its size depends on quality as a camera's does. */
async function picture(sigma: number): Promise<Picture> {
  const noise = { type: "gaussian" as const, mean: 128, sigma };
  const jpeg = await sharp({ create: { width, height, channels: 3, background: "grey", noise } })
    .jpeg({ quality: 95 })
    .toBuffer();
  return { jpeg, width, height };
}

beforeAll(async () => {
  noisy = await picture(40);
});

describe("Fitter", () => {
  it("returns a frame within the limit as the same bytes in the same memory", async () => {
    const fitted = await new Fitter(noisy.jpeg.length).fit(noisy);
    expect(fitted.jpeg).toBe(noisy.jpeg);
    expect(fitted).toMatchObject({ width, height, shrunk: false });
  });

  it("passes such a frame without so much as a turn of the event loop", () => {
    expect(new Fitter(noisy.jpeg.length).fit(noisy)).not.toBeInstanceOf(Promise);
  });

  it.each([0.7, 0.3, 0.05])("brings a frame to below %s of its size, of the same shape", async (part) => {
    const limit = Math.round(noisy.jpeg.length * part);
    const fitter = new Fitter(limit);
    for (let index = 0; index < 100; index += 1) {
      const fitted = await fitter.fit(noisy);
      const { format, width: wide, height: high, isProgressive } = await sharp(fitted.jpeg).metadata();
      expect(fitted.shrunk).toBe(true);
      expect(fitted.jpeg.length).toBeLessThanOrEqual(limit);
      // A far smaller frame than asked for is better than none; it takes a few dozen to learn how small it must be.
      if (index > 70) expect(fitted.jpeg.length).toBeGreaterThan(limit * 0.4);
      expect({ format, wide, high, isProgressive }).toEqual({
        format: "jpeg",
        wide: fitted.width,
        high: fitted.height,
        isProgressive: false,
      });
      expect(fitted.width / fitted.height).toBeCloseTo(width / height, 1);
    }
  });

  it("lowers quality before it makes a frame smaller", async () => {
    const fitted = await new Fitter(Math.round(noisy.jpeg.length * 0.7)).fit(noisy);
    expect(fitted.width).toBe(width);
  });

  it("refuses what it cannot decode, and what cannot be made small enough", async () => {
    const garbage = { jpeg: Buffer.alloc(2000, 7), width, height };
    await expect(async () => new Fitter(1000).fit(garbage)).rejects.toThrow(UnfitError);
    const bomb = { jpeg: fakeJpeg(new Uint8Array(2000), 10_900, 10_900), width: 10_900, height: 10_900 };
    await expect(async () => new Fitter(1000).fit(bomb)).rejects.toThrow(/pixel limit/);
    await expect(async () => new Fitter(100).fit(noisy)).rejects.toThrow(/cannot be brought below 100/);
  });
});
