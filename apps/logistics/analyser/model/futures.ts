import { Random } from "../../../common/random.ts";

/**
 * Changes of the trend, on average, beyond which their sum is drawn as a normal number: its excess kurtosis is
 * 10.8 ÷ changes, and an interval of 80 % is off by about 1 %. It bounds what a time far ahead costs.
 */
export const manyChanges = 50;

/** One possible future in units that hold for every model: a change a unit of time, of mean magnitude 1. */
interface Future {
  /** Noise of an observation, standard deviation 1. */
  readonly noise: number;
  /** What all changes come to where they are many, standard deviation 1. */
  readonly far: number;
  /** When the trend changes, ascending; the last is beyond {@link manyChanges}. */
  readonly times: Float64Array;
  /** Sum of the changes before each of these, … */
  readonly sums: Float64Array;
  /** … and of each change times its time. */
  readonly moments: Float64Array;
}

/** Tables that are kept, each about 1 MB for 1000 futures. Models of one fit share theirs. */
const keptTables = 4;
const tables = new Map<string, readonly Future[]>();

/** The futures of a seed: the same whenever they are asked for, and whatever else was. */
export function futuresOf(seed: number, samples: number): readonly Future[] {
  const key = `${seed}/${samples}`;
  const known = tables.get(key);
  if (known !== undefined) return known;
  const made = Array.from({ length: samples }, (_, index) =>
    future(new Random(Math.imul(seed + 1, 0x9e3779b1) + index)),
  );
  const [oldest] = tables.keys();
  if (tables.size >= keptTables && oldest !== undefined) tables.delete(oldest);
  tables.set(key, made);
  return made;
}

function future(random: Random): Future {
  const noise = normal(random);
  const far = normal(random);
  const times: number[] = [];
  const changes: number[] = [];
  for (let at = exponential(random); ; at += exponential(random)) {
    times.push(at);
    if (at > manyChanges) break;
    changes.push(laplace(random));
  }
  return {
    noise,
    far,
    times: Float64Array.from(times),
    sums: running(changes),
    moments: running(changes.map((change, index) => change * (times[index] ?? 0))),
  };
}

/** Sum of the numbers before each place, and of all of them at the end. */
function running(numbers: readonly number[]): Float64Array {
  const sums = new Float64Array(numbers.length + 1);
  for (const [index, number] of numbers.entries()) sums[index + 1] = (sums[index] ?? 0) + number;
  return sums;
}

/**
 * How far a trend has drifted by its changes in a future, after some time: the sum of each change times the time since.
 * @param ahead in the future's own unit, in which there is a change a unit on average
 */
export function driftOf({ far, times, sums, moments }: Future, ahead: number): number {
  // The same sum's normal limit: a change has the variance 2, and its time since is uniform.
  if (ahead > manyChanges) return far * ahead * Math.sqrt((2 * ahead) / 3);
  const passed = countBelow(times, ahead);
  return ahead * (sums[passed] ?? 0) - (moments[passed] ?? 0);
}

/** How many of an ascending row are below a limit. */
function countBelow(sorted: Float64Array, limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Mean 1. */
function exponential(random: Random): number {
  return -Math.log(1 - random.unit());
}

/** Mean magnitude 1, either sign. */
function laplace(random: Random): number {
  return exponential(random) * (random.unit() < 0.5 ? -1 : 1);
}

/** Mean 0 and standard deviation 1, tails included (G. E. P. Box and M. E. Muller 1958). */
function normal(random: Random): number {
  return Math.sqrt(2 * exponential(random)) * Math.cos(2 * Math.PI * random.unit());
}
