import { crc32, deflateSync } from "node:zlib";

const signature = Buffer.from("89504e470d0a1a0a", "hex");
/** 8 bits, red, green and blue, deflate, the usual filters, not interlaced. */
const plain = [8, 2, 0, 0, 0];
const channels = 3;
/** Enough for images of a few KB; zlib's own defaults reserve 256 KB for each. */
const deflating = { windowBits: 13, level: 3 } as const;

/**
 * Encodes pixels as PNG (https://www.w3.org/TR/png-3/), by zlib itself: an encoder in JavaScript takes five times as long
 * for so small an image, and leaves hundreds of kilobytes to the garbage collector.
 *
 * @param pixels red, green, blue of the first pixel, then of the next, row by row
 */
export function encodePng(pixels: Uint8Array, width: number, height: number): Buffer {
  const header = Buffer.alloc(8 + plain.length);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set(plain, 8);
  const stride = channels * width;
  // Each line begins with the number of its filter, 0 for none.
  const lines = Buffer.alloc(height * (stride + 1));
  for (let y = 0; y < height; y += 1) {
    lines.set(pixels.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1);
  }
  const data = deflateSync(lines, deflating);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", data),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** Length, type, data, and the checksum of type and data. */
function chunk(type: string, data: Buffer): Buffer {
  const bytes = Buffer.alloc(data.length + 12);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, "latin1");
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, data.length + 8)), data.length + 8);
  return bytes;
}
