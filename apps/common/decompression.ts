import zlib from "node:zlib";

/** Most bytes that a record batch may come to. Producers make batches of a megabyte or less before they compress them. */
export const maxBatchBytes = 16 * 1024 * 1024;

/** How record batches are compressed: the lowest three bits of their attributes. */
export const compressions = ["none", "gzip", "snappy", "lz4", "zstd"] as const;
export type Compression = (typeof compressions)[number];

/**
 * What compressed records come to, in bytes; undefined when that is more than `most`, which is found without having them
 * in memory, or when they are damaged.
 */
export function decompressedBytes(
  compression: Compression,
  data: Buffer,
  most = maxBatchBytes,
): number | undefined {
  try {
    const bytes = sizers[compression](data, most);
    return bytes <= most ? bytes : undefined;
  } catch (error) {
    if (error instanceof RangeError || (error as NodeJS.ErrnoException).code !== undefined) return undefined;
    throw error;
  }
}

const sizers: Record<Compression, (data: Buffer, most: number) => number> = {
  none: (data) => data.length,
  gzip: (data, maxOutputLength) => zlib.gunzipSync(data, { maxOutputLength }).length,
  zstd: (data, maxOutputLength) => zlib.zstdDecompressSync(data, { maxOutputLength }).length,
  snappy: snappyBytes,
  lz4: lz4Bytes,
};

const xerialMagic = Buffer.from("\x82SNAPPY\0", "latin1");
const xerialHeader = 16;

/** Snappy says first what it comes to; Java's clients frame it in chunks, each of which does. */
function snappyBytes(data: Buffer): number {
  if (!data.subarray(0, xerialMagic.length).equals(xerialMagic)) return snappyLength(data);
  let bytes = 0;
  for (let at = xerialHeader; at < data.length; ) {
    const chunk = data.readUInt32BE(at);
    bytes += snappyLength(data.subarray(at + 4, at + 4 + chunk));
    at += 4 + chunk;
  }
  return bytes;
}

function snappyLength(data: Buffer): number {
  let length = 0;
  for (let index = 0; index < 5; index += 1) {
    const byte = data.readUInt8(index);
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return length;
  }
  throw new RangeError("a length of more than five bytes");
}

/** Blocks of an LZ4 frame (lz4_Frame_format.md): stored, or sequences of literals and copies, whose lengths are added up. */
function lz4Bytes(data: Buffer, most: number): number {
  const flags = data.readUInt8(4);
  const [contentSize, blockChecksum, dictionary] = [flags & 0x08, flags & 0x10, flags & 0x01];
  let at = 6 + (contentSize === 0 ? 0 : 8) + (dictionary === 0 ? 0 : 4) + 1;
  let bytes = 0;
  while (bytes <= most) {
    const word = data.readUInt32LE(at);
    if (word === 0) break;
    const size = word & 0x7fffffff;
    at += 4;
    bytes += word >= 0x80000000 ? size : lz4BlockBytes(data.subarray(at, at + size));
    at += size + (blockChecksum === 0 ? 0 : 4);
  }
  return bytes;
}

function lz4BlockBytes(block: Buffer): number {
  let bytes = 0;
  let at = 0;
  /** A length of 15 in the token goes on in bytes, of which the last is not 255. */
  const long = (nibble: number) => {
    let length = nibble;
    if (nibble < 15) return length;
    for (let byte = 255; byte === 255; at += 1) {
      byte = block.readUInt8(at);
      length += byte;
    }
    return length;
  };
  while (at < block.length) {
    const token = block.readUInt8(at);
    at += 1;
    const literals = long(token >> 4);
    at += literals;
    bytes += literals;
    if (at >= block.length) break;
    at += 2;
    bytes += long(token & 0x0f) + 4;
  }
  return bytes;
}
