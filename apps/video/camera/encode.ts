import sharp from "sharp";
import type { Scene } from "./scene.ts";

/** Frames of the scene, apart by as many, that stand for all when the quality is chosen. */
const samples = [0, 160, 320, 480];
const sampleTimeMs = Date.UTC(2026, 0, 1);

// One frame at a time, none ever again: more threads and a cache would only take memory.
sharp.concurrency(1);
sharp.cache(false);

/** JPEG (4:2:0) of a frame of RGB pixels. @param quality from 1 to 100 */
export function encodeJpeg(pixels: Buffer, width: number, height: number, quality: number): Promise<Buffer> {
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
}

/** The JPEG quality whose frames come closest to a mean size, with that mean in bytes. */
export async function chooseQuality(
  scene: Scene,
  targetBytes: number,
): Promise<{ quality: number; meanBytes: number }> {
  let [low, high] = [1, 100];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((await meanBytes(scene, middle)) < targetBytes) low = middle + 1;
    else high = middle;
  }
  const above = { quality: low, meanBytes: await meanBytes(scene, low) };
  if (low === 1) return above;
  const below = { quality: low - 1, meanBytes: await meanBytes(scene, low - 1) };
  return targetBytes - below.meanBytes < above.meanBytes - targetBytes ? below : above;
}

async function meanBytes(scene: Scene, quality: number): Promise<number> {
  let bytes = 0;
  for (const frame of samples) {
    const jpeg = await encodeJpeg(scene.draw(frame, sampleTimeMs), scene.width, scene.height, quality);
    bytes += jpeg.length;
  }
  return bytes / samples.length;
}
