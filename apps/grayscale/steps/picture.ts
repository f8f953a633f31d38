import sharp, { type Sharp } from "sharp";
import { messageOf } from "../../common/errors.ts";
import { PoisonError } from "../../common/kafka-message.ts";
import { maxPixels } from "../../media/jpeg.ts";

/** Of 100; the loss cannot be seen, and a video made of the frames loses more. */
const quality = 95;

/**
 * A single-channel JPEG (Y only, no colour at all) of what a pipeline of sharp makes of a frame. sharp works in libuv's
 * threads, not on the event loop.
 *
 * @throws PoisonError when the frame cannot be decoded; a JPEG that was cut off counts as such
 */
export async function grayJpeg(
  jpeg: Buffer,
  change: (gray: Sharp) => Sharp = (gray) => gray,
): Promise<Buffer> {
  // Decoding comes first and by itself, so that only what is wrong with the frame is put down to it.
  const { data, info } = await decodeGray(jpeg);
  const { width, height } = info;
  const gray = sharp(data, { raw: { width, height, channels: 1 } });
  return change(gray).toColourspace("b-w").jpeg({ quality }).toBuffer();
}

/** Weights of red, green and blue in luma (ITU-R BT.601), which JPEG, FFmpeg and OpenCV use too; libvips' own differ. */
const luma: [number, number, number] = [0.299, 0.587, 0.114];

async function decodeGray(jpeg: Buffer) {
  try {
    return await sharp(jpeg, { failOn: "warning", limitInputPixels: maxPixels })
      .recomb([luma, luma, luma])
      .extractChannel(0)
      .raw()
      .toBuffer({ resolveWithObject: true });
  } catch (error) {
    throw new PoisonError(`the JPEG cannot be decoded: ${messageOf(error)}`, { cause: error });
  }
}
