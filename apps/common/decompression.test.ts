import zlib from "node:zlib";
import { compressionsAlgorithms } from "@platformatic/kafka";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compressions, decompressedBytes } from "./decompression.ts";

const content = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
  fc
    .tuple(fc.string({ minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 20_000 }))
    .map(([text, times]) => Buffer.from(text.repeat(times))),
);

describe.each(compressions.filter((name) => name !== "none"))("%s", (name) => {
  const { compressSync } = compressionsAlgorithms[name];
  const compress = (bytes: Buffer) => Buffer.from(compressSync(bytes));

  it("comes to what was compressed, and to nothing when that is more than allowed", () => {
    fc.assert(
      fc.property(content, (bytes) => {
        const data = compress(bytes);
        expect(decompressedBytes(name, data, bytes.length)).toBe(bytes.length);
        if (bytes.length > 1) expect(decompressedBytes(name, data, bytes.length - 1)).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });

  it("comes to nothing, or to no more than allowed, whatever bytes there are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        expect(decompressedBytes(name, Buffer.from(bytes), 1000) ?? 0).toBeLessThanOrEqual(1000);
      }),
    );
  });
});

it("adds up the chunks of Java's snappy", () => {
  const { compressSync } = compressionsAlgorithms.snappy;
  const chunks = [Buffer.alloc(1000, "a"), Buffer.alloc(500, "b")].map((bytes) => {
    const data = Buffer.from(compressSync(bytes));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, data]);
  });
  const header = Buffer.concat([Buffer.from("\x82SNAPPY\0", "latin1"), Buffer.alloc(8)]);
  expect(decompressedBytes("snappy", Buffer.concat([header, ...chunks]))).toBe(1500);
});

it("does not have a bomb in memory to find that it is one", () => {
  const bomb = zlib.gzipSync(Buffer.alloc(64 * 1024 * 1024));
  const before = process.memoryUsage().arrayBuffers;
  expect(decompressedBytes("gzip", bomb, 1024 * 1024)).toBeUndefined();
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
});
