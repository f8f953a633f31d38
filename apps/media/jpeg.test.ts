import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { picture, withThumbnail } from "../video/producer/sources/testing/pictures.ts";
import { checkJpeg, jpegSize, withoutPadding } from "./jpeg.ts";
import { fakeJpeg } from "./testing/jpeg.ts";

describe("jpegSize", () => {
  it.each([false, true])("reads the size of what libjpeg writes, progressive %s", async (progressive) => {
    const jpeg = await picture({ width: 320, height: 200, progressive });
    expect(jpegSize(jpeg)).toEqual({ width: 320, height: 200 });
  });

  it("is not misled by a thumbnail, nor by filling before a marker", async () => {
    const jpeg = await picture({ width: 320, height: 200 });
    const mixed = withThumbnail(jpeg, await picture({ width: 16, height: 8 }));
    const filled = Buffer.concat([mixed.subarray(0, 2), Buffer.from([0xff, 0xff]), mixed.subarray(2)]);
    expect(jpegSize(filled)).toEqual({ width: 320, height: 200 });
  });

  it("takes any bytes without failing", () => {
    const start = fc.uint8Array().map((bytes) => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), bytes]));
    fc.assert(
      fc.property(start, (bytes) => {
        const size = jpegSize(bytes);
        expect(size === undefined || (size.width > 0 && size.height > 0)).toBe(true);
      }),
    );
  });
});

describe("checkJpeg", () => {
  it("refuses a picture that was cut off anywhere", async () => {
    const jpeg = await picture();
    expect(checkJpeg(jpeg)).toEqual({ width: 64, height: 48 });
    for (let length = 0; length < jpeg.length; length += 7) {
      expect(checkJpeg(jpeg.subarray(0, length))).toBe(`${length} bytes that are no whole JPEG`);
    }
  });

  it.each([
    ["a beginning and an end", "ffd8ffd9"],
    ["no frame header", "ffd8ffda0008010100003f0000ffd9"],
    ["no data", "ffd8ffc0000b080008000801011100ffd9"],
  ])("refuses what has %s", (_what, hex) => {
    expect(checkJpeg(Buffer.from(hex, "hex"))).toBe(`${hex.length / 2} bytes that are no whole JPEG`);
  });

  it("refuses a picture that claims to be too large to be decoded", () => {
    expect(checkJpeg(fakeJpeg(undefined, 7680, 4320))).toEqual({ width: 7680, height: 4320 });
    expect(checkJpeg(fakeJpeg(undefined, 10_900, 10_900))).toBe(
      "a JPEG of 10900 × 10900 pixels; 50000000 in all are allowed",
    );
  });
});

describe("withoutPadding", () => {
  it("takes zeros and line ends off, and nothing else", () => {
    expect(withoutPadding(Buffer.from([1, 0, 0xd9, 0, 13, 10]))).toEqual(Buffer.from([1, 0, 0xd9]));
    const bytes = Buffer.from([1, 2]);
    expect(withoutPadding(bytes)).toBe(bytes);
  });
});
