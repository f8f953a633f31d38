/** A point of an empirical distribution function: the fraction of all images sent that took at most so long. */
export interface EcdfPoint {
  readonly latencyMs: number;
  readonly fraction: number;
}

/** A step this small, as a part of an axis, cannot be seen in print. */
const INVISIBLE = 1 / 300;

/**
 * The empirical distribution function of a sample in at most about 600 points: a step is left out while it is, since
 * the last one kept, too small to be seen on either axis (latency logarithmic). The first and the last are always
 * kept. Images that never arrived (Infinity) count in the fractions, but are no steps: the function levels off below 1.
 *
 * @param sorted latencies in ms, ascending
 */
export function ecdf(sorted: Float64Array): EcdfPoint[] {
  const n = sorted.length;
  let arrived = n;
  while (arrived > 0 && sorted[arrived - 1] === Number.POSITIVE_INFINITY) arrived -= 1;
  const range = Math.log(positive(sorted[arrived - 1])) - Math.log(positive(sorted[0]));
  const points: EcdfPoint[] = [];
  for (let i = 0; i < arrived; i += 1) {
    const latencyMs = sorted[i] ?? 0;
    if (i + 1 < arrived && sorted[i + 1] === latencyMs) continue;
    const fraction = (i + 1) / n;
    const last = points.at(-1);
    const dx = last ? (Math.log(positive(latencyMs)) - Math.log(positive(last.latencyMs))) / range : 1;
    const dy = last ? fraction - last.fraction : 1;
    if (dx >= INVISIBLE || dy >= INVISIBLE || i + 1 === arrived) points.push({ latencyMs, fraction });
  }
  return points;
}

/** Logarithms need a positive number; no latency of the lab is below a microsecond. */
const positive = (latencyMs: number | undefined): number => Math.max(latencyMs ?? 0, 0.001);
