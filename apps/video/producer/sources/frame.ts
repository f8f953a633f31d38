import { nowUs } from "../../../common/clock.ts";
import { wholeJpegSize, withoutPadding } from "../../../media/jpeg.ts";
import type { CapturedFrame } from "./source.ts";

/** Largest picture that a source takes in, in bytes: what is larger is garbage, and memory stays bounded. */
export const maxPictureBytes = 16 * 1024 * 1024;

/** The frame that these bytes are, captured now; undefined when they are no whole JPEG. No copy. */
export function toFrame(bytes: Buffer): CapturedFrame | undefined {
  const jpeg = withoutPadding(bytes);
  const size = wholeJpegSize(jpeg);
  return size === undefined ? undefined : { jpeg, capturedUs: nowUs(), ...size };
}
