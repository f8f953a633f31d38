import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { JpegSplitter } from "./jpeg-splitter.ts";
import { chop, picture, withThumbnail } from "./testing/pictures.ts";

let pictures: Buffer[];
beforeAll(async () => {
  const [a, b, c] = await Promise.all([
    picture({ seed: 1 }),
    picture({ seed: 2, progressive: true }),
    picture({ seed: 3 }),
  ]);
  pictures = [a, withThumbnail(b, c), c];
});

function split(chunks: readonly Buffer[], maxBytes?: number) {
  const bad: string[] = [];
  const splitter = new JpegSplitter((reason) => bad.push(reason), maxBytes);
  const found = chunks.flatMap((chunk) => splitter.push(chunk));
  splitter.end();
  return { found, bad };
}

const lengths = fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 20 });

describe("JpegSplitter", () => {
  it("finds the same pictures however the stream is chopped, thumbnails included", () => {
    fc.assert(
      fc.property(lengths, (sizes) => {
        expect(split(chop(Buffer.concat(pictures), sizes))).toEqual({ found: pictures, bad: [] });
      }),
      { numRuns: 50 },
    );
  });

  it("skips a picture that was cut off in its data, and tells of it", () => {
    const [a, b, c] = pictures as [Buffer, Buffer, Buffer];
    const stream = Buffer.concat([a, c.subarray(0, -200), b]);
    expect(split([stream])).toEqual({ found: [a, b], bad: ["a JPEG that was cut off"] });
  });

  it("loses no more than the next picture when one is cut off within a segment", () => {
    const [a, b, c] = pictures as [Buffer, Buffer, Buffer];
    const { found, bad } = split([Buffer.concat([a.subarray(0, 30), b, c, a])]);
    expect(found).toEqual([c, a].slice(-found.length));
    expect(found.length).toBeGreaterThan(0);
    expect(bad.length).toBeGreaterThan(0);
  });

  it("gives up a picture that is too long, and goes on after it", () => {
    const [a, b] = pictures as [Buffer, Buffer];
    expect(b.length).toBeGreaterThan(a.length);
    const { found, bad } = split(chop(Buffer.concat([b, a]), [100]), a.length + 100);
    expect(found).toEqual([a]);
    expect(bad[0]).toMatch(/more than/);
  });

  it("passes over garbage, and tells of a picture that the end cuts off", () => {
    const [a] = pictures as [Buffer];
    const stream = Buffer.concat([Buffer.from("no picture \xff\xff\x00", "latin1"), a, a.subarray(0, 100)]);
    expect(split([stream])).toEqual({ found: [a], bad: ["a JPEG that the end of the stream cut off"] });
  });

  it("takes any bytes without failing", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (chunks) => void split(chunks.map((c) => Buffer.from(c)))),
    );
  });
});
