import { nowUs } from "../../../common/clock.ts";
import { checkJpeg, withoutPadding } from "../../../media/jpeg.ts";
import type { CapturedFrame } from "./source.ts";

/** Largest picture that a source takes in, in bytes: what is larger is garbage, and memory stays bounded. */
export const maxPictureBytes = 16 * 1024 * 1024;

/** The frame that these bytes are, captured now, or why they are none that can be used. No copy. */
export function toFrame(bytes: Buffer): CapturedFrame | string {
  const jpeg = withoutPadding(bytes);
  const size = checkJpeg(jpeg);
  return typeof size === "string" ? size : { jpeg, capturedUs: nowUs(), ...size };
}
