/** JPEG without decoding (ITU-T T.81, annex B): a picture is a row of segments, each begun by 0xff and a marker. */
/** Markers of annex B, table B.1. */
export const markers = { tem: 0x01, rst0: 0xd0, rst7: 0xd7, soi: 0xd8, eoi: 0xd9, sos: 0xda } as const;

export interface PictureSize {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

/**
 * Largest width × height of a picture that is decoded: a file of few bytes can claim to be enormous. A picture of 8K
 * has 33 million, and takes 100 MB when it is decoded.
 */
export const maxPixels = 50_000_000;

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
  return headersOf(bytes).size;
}

/** What stands before the picture's data, and whether its data begin after that. */
function headersOf(bytes: Buffer): { size: PictureSize | undefined; hasData: boolean } {
  let size: PictureSize | undefined;
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return { size, hasData: false };
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes.readUInt8(at + 1);
    if (marker === markers.sos) return { size, hasData: true };
    if (marker < 0xc0 && !isStandalone(marker)) break;
    if (isStartOfFrame(marker)) size ??= frameSize(bytes, at);
    // Any number of 0xff may stand before a marker, as filling.
    if (marker === 0xff) at += 1;
    else at += isStandalone(marker) ? 2 : 2 + Math.max(2, bytes.readUInt16BE(at + 2));
  }
  return { size, hasData: false };
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

/** Whether the bytes begin and end as a JPEG does (ITU-T T.81: SOI and EOI). */
function isBounded(bytes: Buffer): boolean {
  const { length } = bytes;
  return length >= 4 && bytes.readUInt16BE(0) === 0xffd8 && bytes.readUInt16BE(length - 2) === 0xffd9;
}

/**
 * Looks at a picture without decoding it: it has a beginning, a frame header, data and an end, and is of a size that can
 * be decoded.
 * @returns its size, or what is wrong with it
 */
export function checkJpeg(bytes: Buffer): PictureSize | string {
  const { size, hasData } = headersOf(bytes);
  if (size === undefined || !hasData || !isBounded(bytes)) {
    return `${bytes.length} bytes that are no whole JPEG`;
  }
  const { width, height } = size;
  return width * height > maxPixels
    ? `a JPEG of ${width} × ${height} pixels; ${maxPixels} in all are allowed`
    : size;
}
