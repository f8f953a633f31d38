import type { Observation } from "../fit/history.ts";
import type { Forecast } from "../model/forecast.ts";
import { mean } from "./accuracy.ts";

/** The simplest forecast that is worth beating: what was at the same time of the last cycle comes again. */
export interface SeasonalNaive {
  /** The cycle that repeats; undefined where the last value does. */
  readonly periodSeconds: number | undefined;
  /** Mean absolute error on the history itself: the scale of MASE. */
  readonly historyError: number;
  at(timeMs: number): Forecast;
}

/**
 * The seasonal-naive forecast after a history (R. J. Hyndman and G. Athanasopoulos, Forecasting: Principles and Practice,
 * 3rd ed., 2021, section 5.2), with whichever of the periods would have erred least on the history, so that what is
 * compared with it has the strongest opponent; where the history has not two of any, the last value comes again. Its
 * interval is as wide as its own errors were.
 * @param history in the order of time, at least two
 * @param periods in seconds
 * @param width share of the truths that are to lie within the interval
 */
export function seasonalNaive(
  history: readonly Observation[],
  periods: readonly number[],
  width: number,
): SeasonalNaive {
  const first = history.at(0)?.timeMs ?? 0;
  const end = history.at(-1)?.timeMs ?? 0;
  const possible = periods.filter((period) => end - first >= 2000 * period);
  const candidates = (possible.length > 0 ? possible : [undefined]).map((periodSeconds) => {
    const errors = errorsOf(history, periodSeconds);
    return { periodSeconds, errors, historyError: mean(errors) };
  });
  const best = candidates.reduce((least, one) => (one.historyError < least.historyError ? one : least));
  const reach = best.errors.toSorted((a, b) => a - b)[Math.ceil(width * best.errors.length) - 1] ?? 0;
  return {
    periodSeconds: best.periodSeconds,
    historyError: best.historyError,
    at: (timeMs) => {
      const yhat = valueAt(history, before(timeMs, end, best.periodSeconds));
      return { yhat, lower: yhat - reach, upper: yhat + reach };
    },
  };
}

/** The same time of the last whole cycle. */
function before(timeMs: number, endMs: number, periodSeconds: number | undefined): number {
  if (periodSeconds === undefined) return endMs;
  const periodMs = periodSeconds * 1000;
  return timeMs - Math.ceil((timeMs - endMs) / periodMs) * periodMs;
}

/** What would have been wrong, one cycle on, or one observation on. */
function errorsOf(history: readonly Observation[], periodSeconds: number | undefined): number[] {
  const [first] = history;
  if (periodSeconds === undefined || first === undefined)
    return history.slice(1).map(({ value }, index) => Math.abs(value - (history[index]?.value ?? value)));
  const periodMs = periodSeconds * 1000;
  return history
    .filter(({ timeMs }) => timeMs - periodMs >= first.timeMs)
    .map(({ timeMs, value }) => Math.abs(value - valueAt(history, timeMs - periodMs)));
}

/** The value at a time between observations, on the line between them. */
function valueAt(history: readonly Observation[], timeMs: number): number {
  let [low, high] = [0, history.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((history[middle]?.timeMs ?? 0) <= timeMs) low = middle;
    else high = middle;
  }
  const [left, right] = [history[low], history[high]];
  if (left === undefined || right === undefined) return Number.NaN;
  const share = (timeMs - left.timeMs) / Math.max(1, right.timeMs - left.timeMs);
  return left.value + (right.value - left.value) * Math.min(1, Math.max(0, share));
}
