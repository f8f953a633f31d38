import sharp from "sharp";
import type { Frame } from "../../../media/frame.ts";

/** Noon of 2026-03-01, UTC: µs since the epoch. */
export const noonUs = Date.UTC(2026, 2, 1, 12) * 1000;

/** A JPEG with a number in it: black digits on a gray that is lighter the higher the number is (modulo 8). */
export async function drawJpeg(number: number, width = 320, height = 240): Promise<Buffer> {
  const gray = 60 + (number % 8) * 25;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <rect width="100%" height="100%" fill="rgb(${gray},${gray},${gray})"/>
    <text x="50%" y="60%" font-size="${height / 3}" text-anchor="middle" font-family="sans-serif">${number}</text></svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 80 }).toBuffer();
}

/** A frame; its picture says nothing unless one is given. */
export function makeFrame(seq: number, capturedUs: number, rest: Partial<Frame> = {}): Frame {
  const jpeg = Buffer.from([0xff, 0xd8, seq & 0x7f, 0xff, 0xd9]);
  const source = { camera: "Gate", run: "r1", codec: "jpeg", width: 320, height: 240 } as const;
  return { ...source, seq, capturedUs, jpeg, ...rest };
}

/** Frames of a camera at a constant rate, with pictures; those of the first 32 numbers are drawn, then they recur. */
export async function film(count: number, fps: number, rest: Partial<Frame> = {}): Promise<Frame[]> {
  const pictures = await Promise.all(Array.from({ length: Math.min(count, 32) }, (_, at) => drawJpeg(at)));
  return Array.from({ length: count }, (_, seq) =>
    makeFrame(seq, noonUs + Math.round((seq * 1e6) / fps), {
      jpeg: pictures[seq % 32] ?? Buffer.alloc(0),
      ...rest,
    }),
  );
}
