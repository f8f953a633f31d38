import { Random } from "../../../apps/common/random.ts";
import { rank } from "./quantile.ts";
import type { Series } from "./series.ts";

/** What many resamples of one series gave. */
export interface Resamples {
  /** The series' observations, ascending, those never arrived last. */
  readonly sorted: Float64Array;
  /** One row a percentile: its value in each resample, in the order of drawing. */
  readonly quantiles: readonly Float64Array[];
  /** One row a grid point: the fraction not above it in each resample, in the order of drawing. */
  readonly fractions: readonly Float64Array[];
}

/** What to compute of every resample. */
export interface ResampleOptions {
  readonly resamples: number;
  readonly seed: number;
  /** Fractions, ascending. */
  readonly percentiles: readonly number[];
  /** Latencies in ms, ascending. */
  readonly grid: readonly number[];
}

/**
 * Draws resamples of a series at two levels: as many repeats as there are, with replacement, and in each of them as
 * many time blocks as it has, with replacement (A. Davison and D. Hinkley, Bootstrap Methods and their Application,
 * CUP 1997, sections 3.8 and 8.2.3). Whole blocks keep together what depends on each other in time — a stall hits many
 * images in a row — so that the intervals are not too narrow by treating the images as independent (H. Künsch, Annals
 * of Statistics 17(3), 1989; blocks without overlap: E. Carlstein, ibid. 14(3), 1986). With one repeat only the blocks
 * are drawn.
 *
 * The observations are sorted once; a resample is a weight for each (repeat, block), and one pass over the sorted
 * observations gives all its quantiles and fractions exactly.
 */
export function resample(series: Series, options: ResampleOptions): Resamples {
  const { sorted, cells, sizes } = sortByLatency(series);
  if (sorted.length === 0)
    throw new RangeError(`No image was sent in the measured windows of ${series.producers} producer(s).`);
  const ends = options.grid.map((latency) => countUpTo(sorted, latency));
  const quantiles = options.percentiles.map(() => new Float64Array(options.resamples));
  const fractions = options.grid.map(() => new Float64Array(options.resamples));
  const random = new Random(options.seed);
  const weights = new Uint32Array(sizes.length);
  for (let r = 0; r < options.resamples; r += 1) {
    const total = drawWeights(series, sizes, weights, random);
    const ranks = options.percentiles.map((p) => rank(total, p));
    let below = 0;
    let percentile = 0;
    let point = 0;
    for (let i = 0; i < sorted.length; i += 1) {
      for (; point < ends.length && ends[point] === i; point += 1) set(fractions, point, r, below / total);
      below += weights[cells[i] ?? 0] ?? 0;
      for (; percentile < ranks.length && below >= (ranks[percentile] ?? 0); percentile += 1)
        set(quantiles, percentile, r, sorted[i] ?? 0);
    }
    for (; point < ends.length; point += 1) set(fractions, point, r, below / total);
  }
  return { sorted, quantiles, fractions };
}

/** The number of values in an ascending array that are not above a limit. */
export function countUpTo(sorted: Float64Array, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

const set = (rows: readonly Float64Array[], row: number, column: number, value: number): void => {
  const found = rows[row];
  if (found) found[column] = value;
};

/** All observations ascending, with the cell — one block of one repeat — each belongs to, and the cells' sizes. */
function sortByLatency(series: Series) {
  const latencies: number[] = [];
  const cellOf: number[] = [];
  let firstCell = 0;
  for (const window of series.windows) {
    for (const { latencyMs, block } of window.observations) {
      if (!Number.isInteger(block) || block < 0 || block >= window.blocks || Number.isNaN(latencyMs))
        throw new RangeError(`Not an observation: ${latencyMs} ms in block ${block} of ${window.blocks}.`);
      latencies.push(latencyMs);
      cellOf.push(firstCell + block);
    }
    firstCell += window.blocks;
  }
  const order = Uint32Array.from(latencies.keys());
  // Infinity − Infinity is not a number: equal latencies are compared, not subtracted.
  order.sort((a, b) => compare(latencies[a] ?? 0, latencies[b] ?? 0) || a - b);
  const sizes = new Uint32Array(firstCell);
  for (const cell of cellOf) sizes[cell] = (sizes[cell] ?? 0) + 1;
  return {
    sorted: Float64Array.from(order, (i) => latencies[i] ?? 0),
    cells: Uint32Array.from(order, (i) => cellOf[i] ?? 0),
    sizes,
  };
}

const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);

/** Draws how often each cell counts; returns how many observations that makes. */
function drawWeights(series: Series, sizes: Uint32Array, weights: Uint32Array, random: Random): number {
  const { windows } = series;
  const starts = windows.map((_, i) => windows.slice(0, i).reduce((sum, { blocks }) => sum + blocks, 0));
  let total = 0;
  // Only a draw of nothing but empty blocks has no observations; it has no quantiles either and is drawn again.
  while (total === 0) {
    weights.fill(0);
    for (let i = 0; i < windows.length; i += 1) {
      const drawn = random.below(windows.length);
      const blocks = windows[drawn]?.blocks ?? 0;
      for (let j = 0; j < blocks; j += 1) {
        const cell = (starts[drawn] ?? 0) + random.below(blocks);
        weights[cell] = (weights[cell] ?? 0) + 1;
        total += sizes[cell] ?? 0;
      }
    }
  }
  return total;
}
