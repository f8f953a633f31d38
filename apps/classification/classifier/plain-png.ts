import { decode } from "fast-png";
import type { Card } from "./card.ts";

const signature = Buffer.from("89504e470d0a1a0a", "hex");
/** Signature and header chunk: length, type, 13 bytes of data, checksum. */
const headerBytes = 8 + 4 + 4 + 13 + 4;
/** Chunks that say nothing of how the pixels are to be shown, besides those that hold them. */
const indifferent = new Set(["IHDR", "IDAT", "IEND", "pHYs", "tEXt", "tIME"]);
/** 8 bits, red, green and blue, deflate, the usual filters, not interlaced. */
const plain = Buffer.from([8, 2, 0, 0, 0]);

/**
 * The pixels of a PNG that is as plain as the simulated devices send it: of the model's very size, 8 bits red, green and
 * blue, nothing transparent and no colours to be corrected. For so small an image, a library for all formats takes most
 * of its time to begin.
 *
 * @returns undefined for all others, those that are damaged included
 */
export function decodePlainPng(
  bytes: Uint8Array,
  { width, height }: Pick<Card["input"], "width" | "height">,
): Uint8Array | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isPlain(buffer, width, height)) return undefined;
  try {
    const { data } = decode(buffer, { checkCrc: true });
    return data instanceof Uint8Array && data.length === 3 * width * height ? data : undefined;
  } catch {
    // Whoever reads all formats says what is wrong with it.
    return undefined;
  }
}

function isPlain(buffer: Buffer, width: number, height: number): boolean {
  if (buffer.length < headerBytes || !buffer.subarray(0, 8).equals(signature)) return false;
  if (buffer.readUInt32BE(16) !== width || buffer.readUInt32BE(20) !== height) return false;
  if (!buffer.subarray(24, 29).equals(plain)) return false;
  for (let at = 8; at + 12 <= buffer.length; at += 12 + buffer.readUInt32BE(at)) {
    if (!indifferent.has(buffer.toString("latin1", at + 4, at + 8))) return false;
  }
  return true;
}
