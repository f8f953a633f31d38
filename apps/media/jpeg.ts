/** JPEG without decoding (ITU-T T.81, annex B): a picture is a row of segments, each begun by 0xff and a marker. */
import { isJpeg } from "./frame.ts";

/** Markers of annex B, table B.1. */
export const markers = { tem: 0x01, rst0: 0xd0, rst7: 0xd7, soi: 0xd8, eoi: 0xd9, sos: 0xda } as const;

export interface PictureSize {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

/** Whether a marker stands alone, with no length and no content after it. */
export function isStandalone(marker: number): boolean {
  return marker === markers.tem || (marker >= markers.rst0 && marker <= markers.eoi);
}

/** Start of frame: 0xc0 to 0xcf, save for DHT, JPG and DAC, which lie among them. */
function isStartOfFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/**
 * Size of a picture, from its frame header. Thumbnails inside application segments are stepped over.
 * @returns undefined when there is no frame header, or one without a size, before the picture's data
 */
export function jpegSize(bytes: Buffer): PictureSize | undefined {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return undefined;
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes.readUInt8(at + 1);
    // Any number of 0xff may stand before a marker, as filling.
    if (marker === 0xff) at += 1;
    else if (isStandalone(marker)) at += 2;
    else if (isStartOfFrame(marker)) return frameSize(bytes, at);
    else if (marker === markers.sos || marker < 0xc0) return undefined;
    else at += 2 + Math.max(2, bytes.readUInt16BE(at + 2));
  }
  return undefined;
}

/** Frame header: marker, length (2 bytes each), precision (1), lines (2), samples a line (2). */
function frameSize(bytes: Buffer, at: number): PictureSize | undefined {
  if (at + 9 > bytes.length) return undefined;
  const height = bytes.readUInt16BE(at + 5);
  const width = bytes.readUInt16BE(at + 7);
  return width > 0 && height > 0 ? { width, height } : undefined;
}

/** The bytes without what some cameras append to a picture: zeros and line ends. No copy. */
export function withoutPadding(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0 || bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end -= 1;
  return end === bytes.length ? bytes : bytes.subarray(0, end);
}

/** Size of a picture that is whole; undefined when it was cut off or is none. */
export function wholeJpegSize(bytes: Buffer): PictureSize | undefined {
  return isJpeg(bytes) ? jpegSize(bytes) : undefined;
}
