import sharp from "sharp";
import type { Card } from "./card.ts";
import { decodePlainPng } from "./plain-png.ts";

/** What the input of a model looks like; see the model card. */
export type InputCard = Card["input"];

/** Why bytes were not taken for an image. Its message is fit to be shown to whoever sent them. */
export class NotAnImage extends Error {
  override name = "NotAnImage";
}

// Images come many at once and are small: one thread each beats several threads for one.
sharp.concurrency(1);
sharp.cache(false);

/**
 * Decodes an image of any format that sharp reads to the size that the model takes. Transparent parts become black;
 * of an animation the first frame counts; a photograph is turned upright as its EXIF data say.
 *
 * @param maxPixels limit on the width × height that the bytes claim, so that a small file cannot unfold to gigabytes
 * @returns width × height × 3 bytes: red, green, blue of the first pixel, then of the next, row by row
 * @throws NotAnImage with the reason
 */
export async function decode(bytes: Uint8Array, input: InputCard, maxPixels: number): Promise<Uint8Array> {
  if (bytes.length === 0) throw new NotAnImage("there are no bytes");
  const plain = decodePlainPng(bytes, input);
  if (plain !== undefined) return plain;
  try {
    const pixels = await sharp(bytes, { limitInputPixels: maxPixels, failOn: "error" })
      .rotate()
      .resize(input.width, input.height, { fit: input.resize })
      .toColourspace("srgb")
      .flatten({ background: "#000" })
      .raw()
      .toBuffer();
    return pixels;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (isShortage(message)) throw error;
    throw new NotAnImage(message.trim().split("\n")[0] ?? "cannot be decoded");
  }
}

/**
 * Whether libvips failed for want of memory, threads or files rather than because of the image: then the image is to
 * be tried again, not to be refused.
 */
export function isShortage(message: string): boolean {
  return /out of memory|cannot allocate|unable to (?:allocate|create thread)|ENOMEM|EMFILE|too many open files/i.test(
    message,
  );
}

/** Number of values that one image becomes. */
export const valuesPerImage = ({ width, height }: InputCard): number => 3 * width * height;

/**
 * Turns decoded pixels into the model's input, (byte × scale − mean) ÷ std, in the card's channel order and layout.
 *
 * @param pixels red, green, blue of each pixel, row by row
 * @param into the batch's tensor, written from `offset` on
 */
export function normalise(pixels: Uint8Array, input: InputCard, into: Float32Array, offset: number): void {
  const area = input.width * input.height;
  const [pixelStep, channelStep] = input.layout === "NCHW" ? [1, area] : [3, 1];
  for (let channel = 0; channel < 3; channel += 1) {
    const source = input.channels === "RGB" ? channel : 2 - channel;
    const mean = input.mean[channel] ?? 0;
    const std = input.std[channel] ?? 1;
    const start = offset + channel * channelStep;
    for (let i = 0; i < area; i += 1) {
      into[start + i * pixelStep] = ((pixels[i * 3 + source] ?? 0) * input.scale - mean) / std;
    }
  }
}
