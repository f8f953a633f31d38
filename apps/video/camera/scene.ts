import { drawText, type Raster, textSize } from "./digits.ts";

/** Pixels that the view turns from one frame to the next. */
const pixelsPerFrame = 4;
/** Sizes of the patches that the ground is made of, pixels, and how strong each is, in levels of brightness. */
const octaves = [
  { cell: 128, strength: 60 },
  { cell: 32, strength: 34 },
  { cell: 8, strength: 26 },
  { cell: 2, strength: 20 },
] as const;

/** A view that turns for ever over a made-up field: textured enough that its JPEGs are as large as a real camera's. */
export class Scene {
  readonly width: number;
  readonly height: number;
  readonly #panorama: Raster;
  readonly #view: Raster;
  readonly #dot: number;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#panorama = panorama(2 * width, height);
    this.#view = { width, height, pixels: Buffer.alloc(width * height * 3) };
    this.#dot = Math.max(1, Math.floor(width / textSize(clockText(0), 1).width / 1.6));
  }

  /**
   * Draws one frame: the view, the frame's number and the time.
   * @param timeMs since the epoch
   * @returns RGB, 3 bytes a pixel; the same memory at every call
   */
  draw(frame: number, timeMs: number): Buffer {
    const { pixels, width, height } = this.#view;
    const rowBytes = this.#panorama.width * 3;
    const offset = ((frame * pixelsPerFrame) % this.#panorama.width) * 3;
    for (let row = 0; row < height; row += 1) {
      const from = row * rowBytes;
      const copied = this.#panorama.pixels.copy(
        pixels,
        row * width * 3,
        from + offset,
        Math.min(from + offset + width * 3, from + rowBytes),
      );
      // The panorama closes to a ring.
      if (copied < width * 3) {
        this.#panorama.pixels.copy(pixels, row * width * 3 + copied, from, from + width * 3 - copied);
      }
    }
    const gap = 2 * this.#dot;
    const numberText = `#${String(frame).padStart(8, "0")}`;
    drawText(this.#view, numberText, gap, gap, this.#dot);
    drawText(this.#view, clockText(timeMs), gap, 2 * gap + textSize(numberText, this.#dot).height, this.#dot);
    return pixels;
  }
}

/** UTC with milliseconds, `2026-05-01 12:00:00.000Z`. */
function clockText(timeMs: number): string {
  return new Date(timeMs).toISOString().replace("T", " ");
}

/** Sky above, field below, with value noise of several octaves; its right end meets its left. */
function panorama(width: number, height: number): Raster {
  const pixels = Buffer.alloc(width * height * 3);
  const noise = octaves.map(({ cell, strength }) => ({ at: valueNoise(width, cell), strength }));
  for (let y = 0, i = 0; y < height; y += 1) {
    const sky = y < height * 0.4;
    const [red, green, blue] = sky ? [120, 165, 215] : [110, 140, 70];
    const depth = sky ? 0.35 : 0.5 + (0.5 * y) / height;
    for (let x = 0; x < width; x += 1, i += 3) {
      let light = 0;
      for (const { at, strength } of noise) light += (at(x, y) - 0.5) * strength;
      pixels[i] = clamp(red + light * depth);
      pixels[i + 1] = clamp(green + light * depth);
      pixels[i + 2] = clamp(blue + light * depth * 0.8);
    }
  }
  return { pixels, width, height };
}

function clamp(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}

/** Value noise in [0, 1): random lattice values, interpolated bilinearly; periodic in x. */
function valueNoise(width: number, cell: number): (x: number, y: number) => number {
  const columns = Math.ceil(width / cell);
  return (x, y) => {
    const column = Math.floor(x / cell);
    const row = Math.floor(y / cell);
    const u = x / cell - column;
    const v = y / cell - row;
    const next = (column + 1) % columns;
    const top = hash(column, row, cell) * (1 - u) + hash(next, row, cell) * u;
    const bottom = hash(column, row + 1, cell) * (1 - u) + hash(next, row + 1, cell) * u;
    return top * (1 - v) + bottom * v;
  };
}

/** A number in [0, 1) that depends on all three and on nothing else, so that every run shows the same scene. */
function hash(x: number, y: number, seed: number): number {
  let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}
