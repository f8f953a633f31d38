/**
 * The binary format of CIFAR-100 (A. Krizhevsky, "CIFAR-10 and CIFAR-100 datasets",
 * https://www.cs.toronto.edu/~kriz/cifar.html): a file is a row of records without header or separator; a record is
 * one byte coarse label, one byte fine label, then 32 × 32 bytes red, as many green, as many blue, each row by row.
 */

/** Width and height of an image in pixels. */
export const SIDE = 32;
/** Pixels of an image, which is also the bytes of one of its three colour planes. */
export const PIXELS = SIDE * SIDE;
/** Bytes of a record. */
export const RECORD_BYTES = 2 + 3 * PIXELS;

/** One image of a data set. */
export interface Sample {
  readonly coarse: number;
  readonly fine: number;
  /** 3072 bytes: the red plane, the green plane, the blue plane. */
  readonly planes: Uint8Array;
}

/** Writes a sample as the record number `index` of a file held in memory. */
export function putRecord(file: Uint8Array, index: number, sample: Sample): void {
  const at = index * RECORD_BYTES;
  file[at] = sample.coarse;
  file[at + 1] = sample.fine;
  file.set(sample.planes, at + 2);
}

/** Number of records in a file. @throws when its size is not that of whole records */
export function countRecords(file: Uint8Array, name: string): number {
  if (file.length === 0 || file.length % RECORD_BYTES !== 0) {
    throw new Error(
      `${name} is not a CIFAR-100 binary file: ${file.length} bytes is not a whole number of ${RECORD_BYTES}-byte records`,
    );
  }
  return file.length / RECORD_BYTES;
}

/** The record number `index`; its planes are a view of the file, not a copy. */
export function getRecord(file: Uint8Array, index: number): Sample {
  const at = index * RECORD_BYTES;
  const [coarse, fine] = [file[at], file[at + 1]];
  if (coarse === undefined || fine === undefined) throw new RangeError(`there is no record ${index}`);
  return { coarse, fine, planes: file.subarray(at + 2, at + RECORD_BYTES) };
}

/** The image as sharp and most libraries take it: red, green, blue of the first pixel, then of the next. */
export function interleave(planes: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(3 * PIXELS);
  for (let i = 0; i < PIXELS; i += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      pixels[i * 3 + channel] = planes[channel * PIXELS + i] ?? 0;
    }
  }
  return pixels;
}
