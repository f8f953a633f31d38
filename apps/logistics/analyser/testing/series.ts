import { Random } from "../../../common/random.ts";
import type { Observation } from "../fit/history.ts";

const daySeconds = 86_400;

export interface SeriesOptions {
  readonly seed: number;
  readonly count: number;
  readonly everySeconds: number;
  /** Standard deviation of the noise. */
  readonly noise: number;
  /** Growth a day. */
  readonly growth?: number;
  /** Amplitude of the daily cycle. */
  readonly daily?: number;
  readonly weekly?: number;
  /** Whether growth, cycles and noise multiply one another, each in % of the level, rather than being added to it. */
  readonly multiplied?: boolean;
}

/** A level of 100 with growth, a daily and a weekly cycle and noise, all known. */
export function syntheticSeries({
  seed,
  count,
  everySeconds,
  noise,
  growth = 0.5,
  daily = 20,
  weekly = 8,
  multiplied = false,
}: SeriesOptions): Observation[] {
  const random = new Random(seed);
  const startMs = Date.UTC(2026, 0, 5);
  return Array.from({ length: count }, (_, index) => {
    const days = (index * everySeconds) / daySeconds;
    const change =
      growth * days +
      daily * Math.sin(2 * Math.PI * days) +
      weekly * Math.cos((2 * Math.PI * days) / 7) +
      noise * random.normal();
    const value = multiplied ? 100 * Math.exp(change / 100) : 100 + change;
    return { timeMs: startMs + index * everySeconds * 1000, value };
  });
}
