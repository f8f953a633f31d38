import sharp from "sharp";

/** A JPEG with texture, a different one for each seed. */
export function picture({ width = 64, height = 48, seed = 1, progressive = false } = {}): Promise<Buffer> {
  const pixels = Buffer.alloc(width * height * 3);
  for (let i = 0; i < pixels.length; i += 1) pixels[i] = (Math.imul(i + 1, 2654435761 + seed) >>> 16) & 0xff;
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90, progressive })
    .toBuffer();
}

/** The picture with another one inside an application segment, as cameras keep their thumbnails. */
export function withThumbnail(jpeg: Buffer, thumbnail: Buffer): Buffer {
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(thumbnail.length + 2, 4);
  return Buffer.concat([head, thumbnail, jpeg.subarray(2)]);
}

/** The bytes in pieces whose lengths are these, over and over. */
export function chop(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i += 1) {
    const length = Math.max(1, lengths[i % lengths.length] ?? 1);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}
