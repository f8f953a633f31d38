import type { Random } from "../../common/random.ts";
import { PIXELS, SIDE } from "./format.ts";
import type { Shape } from "./shapes.ts";

/** Red, green, blue, 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** Edge of the grid of samples that a pixel's share of the shape is counted on. */
const SUBSAMPLES = 3;
/** Cells along an edge of the coarse grid that the background's blotches are blended from. */
const CELLS = 4;
/** Least distance in RGB space between a shape's colour and the middle of its background. */
const LEAST_CONTRAST = 95;

/**
 * Draws one shape on a blotched background, with random place, size, proportions, rotation (±28°), colour cast,
 * background, specks of other colours, brightness and noise.
 *
 * @returns the 3072 bytes of a CIFAR record: red plane, green plane, blue plane
 */
export function drawImage(random: Random, shape: Shape, colour: Colour): Uint8Array {
  const cast = colour.map((value) => value + random.between(-14, 14));
  const canvas = drawBackground(random, cast);
  drawSpecks(random, canvas);
  paint(canvas, coverage(random, shape), cast);
  return expose(random, canvas);
}

/** A tinted grey with blotches: noise on a coarse grid, blended smoothly (value noise). Three planes of floats. */
function drawBackground(random: Random, foreground: readonly number[]): Float64Array {
  const base = drawBase(random, foreground);
  const roughness = random.between(6, 26);
  const canvas = new Float64Array(3 * PIXELS);
  for (let channel = 0; channel < 3; channel += 1) {
    const grid = Float64Array.from({ length: (CELLS + 1) ** 2 }, () => random.normal() * roughness);
    for (let i = 0; i < PIXELS; i += 1) {
      const x = ((i % SIDE) * CELLS) / SIDE;
      const y = (Math.floor(i / SIDE) * CELLS) / SIDE;
      canvas[channel * PIXELS + i] = (base[channel] ?? 0) + blend(grid, x, y);
    }
  }
  return canvas;
}

/** A greyish colour far enough from the foreground to be told apart. */
function drawBase(random: Random, foreground: readonly number[]): number[] {
  for (;;) {
    const grey = random.between(15, 225);
    const base = foreground.map(() => grey + random.between(-22, 22));
    const distance2 = base.reduce((sum, value, i) => sum + (value - (foreground[i] ?? 0)) ** 2, 0);
    if (distance2 >= LEAST_CONTRAST ** 2) return base;
  }
}

/** Bilinear interpolation in a grid of (CELLS + 1)² values. */
function blend(grid: Float64Array, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [fx, fy] = [x - left, y - top];
  const at = top * (CELLS + 1) + left;
  const upper = (grid[at] ?? 0) * (1 - fx) + (grid[at + 1] ?? 0) * fx;
  const lower = (grid[at + CELLS + 1] ?? 0) * (1 - fx) + (grid[at + CELLS + 2] ?? 0) * fx;
  return upper * (1 - fy) + lower * fy;
}

/** Up to four specks of any colour, 2 × 2 pixels, which mislead whoever looks at single pixels. */
function drawSpecks(random: Random, canvas: Float64Array): void {
  for (let left = random.below(5); left > 0; left -= 1) {
    const at = random.below(SIDE - 1) * SIDE + random.below(SIDE - 1);
    for (let channel = 0; channel < 3; channel += 1) {
      const value = random.between(0, 255);
      for (const offset of [0, 1, SIDE, SIDE + 1]) canvas[channel * PIXELS + at + offset] = value;
    }
  }
}

/** The share of every pixel, 0 to 1, that a randomly placed, stretched and turned shape covers. */
function coverage(random: Random, shape: Shape): Float64Array {
  const [width, height] = [random.between(7, 11.5), random.between(7, 11.5)];
  // Both from one range, but never far apart: a square must not look like a bar.
  const size = (width + height) / 2;
  const [halfWidth, halfHeight] = [(size * 2 + width) / 3, (size * 2 + height) / 3];
  const [cx, cy] = [SIDE / 2 + random.between(-4.5, 4.5), SIDE / 2 + random.between(-4.5, 4.5)];
  // The tangent of half the angle gives sine and cosine by division alone, exact to the last bit everywhere.
  const t = random.between(-0.25, 0.25);
  const [cos, sin] = [(1 - t * t) / (1 + t * t), (2 * t) / (1 + t * t)];

  const covered = new Float64Array(PIXELS);
  const reach = 1.5 * Math.max(halfWidth, halfHeight);
  for (let row = Math.max(0, Math.floor(cy - reach)); row < Math.min(SIDE, cy + reach); row += 1) {
    for (let column = Math.max(0, Math.floor(cx - reach)); column < Math.min(SIDE, cx + reach); column += 1) {
      let hits = 0;
      for (let sub = 0; sub < SUBSAMPLES * SUBSAMPLES; sub += 1) {
        const dx = column + ((sub % SUBSAMPLES) + 0.5) / SUBSAMPLES - cx;
        const dy = row + (Math.floor(sub / SUBSAMPLES) + 0.5) / SUBSAMPLES - cy;
        if (shape((dx * cos + dy * sin) / halfWidth, (dy * cos - dx * sin) / halfHeight)) hits += 1;
      }
      covered[row * SIDE + column] = hits / (SUBSAMPLES * SUBSAMPLES);
    }
  }
  return covered;
}

function paint(canvas: Float64Array, covered: Float64Array, colour: readonly number[]): void {
  for (let i = 0; i < canvas.length; i += 1) {
    const share = covered[i % PIXELS] ?? 0;
    const under = canvas[i] ?? 0;
    canvas[i] = under + share * ((colour[Math.floor(i / PIXELS)] ?? 0) - under);
  }
}

/** Brightness and sensor noise, then bytes. */
function expose(random: Random, canvas: Float64Array): Uint8Array {
  const brightness = random.between(0.82, 1.1);
  const noise = random.between(2, 13);
  const bytes = new Uint8Array(canvas.length);
  for (let i = 0; i < canvas.length; i += 1) {
    const value = (canvas[i] ?? 0) * brightness + random.normal() * noise;
    bytes[i] = Math.min(255, Math.max(0, Math.round(value)));
  }
  return bytes;
}
