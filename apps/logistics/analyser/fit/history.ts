/** A reading as far as forecasts go. */
export interface Observation {
  /** ms since the epoch. */
  readonly timeMs: number;
  readonly value: number;
}

/** Fewer observations tell nothing that is worth a forecast. */
const leastObservations = 20;

/**
 * What a model is fitted on: in the order of time, one observation a second at most, and of a long history one out of
 * each of `most` stretches of the same length. An observation is taken as it is: a mean of several would have less noise
 * than what is to be forecast, and its intervals would be too narrow.
 */
export function thinned(history: readonly Observation[], most: number): Observation[] {
  const sorted = history
    .filter(({ timeMs, value }) => Number.isFinite(timeMs) && Number.isFinite(value))
    .toSorted((a, b) => a.timeMs - b.timeMs);
  const seconds = lastOfEach(sorted, ({ timeMs }) => Math.floor(timeMs / 1000));
  const [first, last] = [seconds.at(0), seconds.at(-1)];
  if (first === undefined || last === undefined || seconds.length <= most) return seconds;
  const stretchMs = (last.timeMs + 1 - first.timeMs) / most;
  return lastOfEach(seconds, ({ timeMs }) => Math.floor((timeMs - first.timeMs) / stretchMs));
}

/**
 * @returns what is too little about a history that a model is to be fitted on; undefined when it will do
 */
export function shortage(thinnedHistory: readonly Observation[]): string | undefined {
  const found = thinnedHistory.length;
  if (found >= leastObservations) return undefined;
  return `${found} readings a second or more apart, a model needs ${leastObservations}`;
}

/** Of neighbours with the same key, the last. */
function lastOfEach(sorted: readonly Observation[], keyOf: (one: Observation) => number): Observation[] {
  return sorted.filter((one, index) => {
    const next = sorted[index + 1];
    return next === undefined || keyOf(next) !== keyOf(one);
  });
}
