/**
 * Random numbers without a state: the same words always give the same number, so that a signal can be asked for any
 * time, in any order, on any machine. The mixing is the 32-bit finaliser of MurmurHash3 (A. Appleby, 2011).
 */
export function hash32(a: number, b: number, c = 0, d = 0): number {
  return mixed(mixed(mixed(mixed(a) ^ b) ^ c) ^ d) >>> 0;
}

/** Uniform in [0, 1). */
export function unit(hash: number): number {
  return hash / 0x1_0000_0000;
}

/** Uniform in [low, high). */
export function between(low: number, high: number, hash: number): number {
  return low + (high - low) * unit(hash);
}

/** Nearly normal, of mean 0 and standard deviation 1, within ±3.5: the sum of the four bytes (central limit theorem). */
export function normal(hash: number): number {
  const sum = (hash & 255) + ((hash >>> 8) & 255) + ((hash >>> 16) & 255) + (hash >>> 24);
  return (sum - 510) * byteSumScale;
}

/**
 * A smooth random curve within ±1: random values at whole numbers, joined by Hermite arcs (value noise).
 *
 * @param x at 1 from each other, two values have nothing to do with one another
 */
export function smooth(seed: number, curve: number, x: number): number {
  const cell = Math.floor(x);
  const part = x - cell;
  const [from, to] = [at(seed, curve, cell), at(seed, curve, cell + 1)];
  return from + (to - from) * part * part * (3 - 2 * part);
}

function at(seed: number, curve: number, cell: number): number {
  return between(-1, 1, hash32(seed, curve, cell));
}

/** One over the standard deviation of the sum of four independent bytes, √(4 × (256² − 1) ÷ 12). */
const byteSumScale = 1 / Math.sqrt((4 * (256 * 256 - 1)) / 12);

function mixed(word: number): number {
  let h = (word + 0x9e3779b9) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
