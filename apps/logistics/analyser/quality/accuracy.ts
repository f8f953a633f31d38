import type { Forecast } from "../model/forecast.ts";

/** What was forecast, and what then came. */
export interface Outcome {
  readonly timeMs: number;
  readonly forecast: Forecast;
  readonly truth: number;
}

/** How good forecasts are; NaN where nothing can be said. */
export interface Accuracy {
  readonly count: number;
  /** Mean absolute error. */
  readonly mae: number;
  /** Mean absolute percentage error as a share, of the outcomes whose truth is not 0, by which it would divide. */
  readonly mape: number;
  /** Outcomes that it leaves out. */
  readonly zeros: number;
  /** Share of the truths within their intervals. */
  readonly coverage: number;
  /** Mean width of the intervals. */
  readonly width: number;
}

export function accuracyOf(outcomes: readonly Outcome[]): Accuracy {
  const errors = outcomes.map(({ forecast, truth }) => Math.abs(truth - forecast.yhat));
  const shares = outcomes.flatMap(({ truth }, i) =>
    truth === 0 ? [] : [(errors[i] ?? 0) / Math.abs(truth)],
  );
  const within = outcomes.filter(({ forecast, truth }) => truth >= forecast.lower && truth <= forecast.upper);
  return {
    count: outcomes.length,
    mae: mean(errors),
    mape: mean(shares),
    zeros: outcomes.length - shares.length,
    coverage: within.length / outcomes.length,
    width: mean(outcomes.map(({ forecast }) => forecast.upper - forecast.lower)),
  };
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
