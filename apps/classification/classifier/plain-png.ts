import { crc32, inflateSync } from "node:zlib";
import type { Card } from "./card.ts";

const signature = Buffer.from("89504e470d0a1a0a", "hex");
/** Bytes of a chunk beside its data: length, type, checksum (https://www.w3.org/TR/png-3/#5DataRep). */
const chunkOverhead = 12;
/** 8 bits, red, green and blue, deflate, the usual filters, not interlaced. */
const plain = Buffer.from([8, 2, 0, 0, 0]);
const channels = 3;
/** Chunks that say nothing of how the pixels are to be shown, besides those that hold them. */
const indifferent = new Set(["IHDR", "IDAT", "IEND", "pHYs", "tEXt", "tIME"]);

/**
 * The pixels of a PNG that is as plain as the simulated devices send it: of the model's very size, 8 bits red, green and
 * blue, nothing transparent and no colours to be corrected. For so small an image, a library for all formats takes most
 * of its time to begin, and one in JavaScript ten times as long as zlib.
 *
 * @returns undefined for all others, those that are damaged included
 */
export function decodePlainPng(
  bytes: Uint8Array,
  { width, height }: Pick<Card["input"], "width" | "height">,
): Uint8Array | undefined {
  const deflated = pixelsOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), width, height);
  if (deflated === undefined) return undefined;
  const size = height * (1 + channels * width);
  try {
    const lines = inflateSync(deflated, { maxOutputLength: size });
    return lines.length === size ? unfiltered(lines, width, height) : undefined;
  } catch {
    // Whoever reads all formats says what is wrong with it.
    return undefined;
  }
}

/** The deflated pixels of a PNG that is plain and whole; undefined of all others. */
function pixelsOf(png: Buffer, width: number, height: number): Buffer | undefined {
  if (!png.subarray(0, signature.length).equals(signature)) return undefined;
  const parts: Buffer[] = [];
  for (let at = signature.length; at + chunkOverhead <= png.length; ) {
    const end = at + chunkOverhead + png.readUInt32BE(at);
    if (end > png.length) return undefined;
    const type = png.toString("latin1", at + 4, at + 8);
    const data = png.subarray(at + 8, end - 4);
    if (!indifferent.has(type) || crc32(png.subarray(at + 4, end - 4)) !== png.readUInt32BE(end - 4)) {
      return undefined;
    }
    if (at === signature.length && !isPlainHeader(type, data, width, height)) return undefined;
    if (type === "IDAT") parts.push(data);
    if (type === "IEND") return parts.length === 1 ? parts[0] : Buffer.concat(parts);
    at = end;
  }
  return undefined;
}

function isPlainHeader(type: string, data: Buffer, width: number, height: number): boolean {
  return (
    type === "IHDR" &&
    data.length === 8 + plain.length &&
    data.readUInt32BE(0) === width &&
    data.readUInt32BE(4) === height &&
    data.subarray(8).equals(plain)
  );
}

/** Undoes the filter that each line begins with (https://www.w3.org/TR/png-3/#9Filters); undefined for an unknown one. */
function unfiltered(lines: Uint8Array, width: number, height: number): Uint8Array | undefined {
  const stride = channels * width;
  const pixels = new Uint8Array(height * stride);
  for (let y = 0; y < height; y += 1) {
    const from = y * (stride + 1);
    const line = lines.subarray(from + 1, from + 1 + stride);
    const to = pixels.subarray(y * stride, (y + 1) * stride);
    const above = y === 0 ? new Uint8Array(stride) : pixels.subarray((y - 1) * stride, y * stride);
    const filter = lines[from];
    if (filter === 0) to.set(line);
    else if (filter !== undefined && filter <= 4) unfilterLine(filter, line, above, to);
    else return undefined;
  }
  return pixels;
}

function unfilterLine(filter: number, line: Uint8Array, above: Uint8Array, to: Uint8Array): void {
  for (let x = 0; x < line.length; x += 1) {
    const left = x < channels ? 0 : (to[x - channels] ?? 0);
    const up = above[x] ?? 0;
    const upLeft = x < channels ? 0 : (above[x - channels] ?? 0);
    to[x] = (line[x] ?? 0) + predicted(filter, left, up, upLeft);
  }
}

function predicted(filter: number, left: number, up: number, upLeft: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const [toLeft, toUp, toUpLeft] = [
    Math.abs(up - upLeft),
    Math.abs(left - upLeft),
    Math.abs(left + up - 2 * upLeft),
  ];
  if (toLeft <= toUp && toLeft <= toUpLeft) return left;
  return toUp <= toUpLeft ? up : upLeft;
}
