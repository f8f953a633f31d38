import { fitModel } from "../fit/fit.ts";
import { type Observation, shortage, thinned } from "../fit/history.ts";
import type { FitSettings } from "../fit/settings.ts";
import { forecastAt } from "../model/forecast.ts";
import type { Model } from "../model/model.ts";
import { type Accuracy, accuracyOf, type Outcome } from "./accuracy.ts";
import { seasonalNaive } from "./naive.ts";

/** Shares of the history after which forecasts begin, and how far each goes on, as a share. */
const origins = [0.7, 0.8, 0.9] as const;
const horizon = 0.1;

/** How a kind of forecast fared on what it did not know. */
export interface Score extends Accuracy {
  /** Mean absolute error ÷ that of the seasonal-naive forecast within the history; below 1 is better than that. */
  readonly mase: number;
}

export interface Evaluation {
  readonly sensor: string;
  readonly model: Score;
  readonly naive: Score;
  /** The cycle that the seasonal-naive forecast repeats, s; undefined where it repeats the last value. */
  readonly naivePeriodSeconds: number | undefined;
  /** Of the last origin, in the order of time. */
  readonly last: {
    readonly fitted: Model;
    readonly history: readonly Observation[];
    readonly outcomes: readonly Outcome[];
    readonly naive: readonly Outcome[];
  };
}

/**
 * How well models forecast what they were not fitted on: from each of three origins of the history, a model of what was
 * before forecasts the tenth of the history that follows (time series cross-validation: Hyndman and Athanasopoulos
 * 2021, section 5.10), and beside it the seasonal-naive forecast of the same history.
 * @returns undefined when the history is too short
 */
export function evaluate(
  sensor: string,
  history: readonly Observation[],
  settings: FitSettings,
): Evaluation | undefined {
  const used = thinned(history, settings.maxObservations);
  const firstPart = used.slice(0, Math.floor(used.length * origins[0]));
  if (shortage(firstPart) !== undefined) return undefined;
  const rounds = origins.map((share) => fromOrigin(sensor, used, share, settings));
  const last = rounds.at(-1);
  if (last === undefined) return undefined;
  return {
    sensor,
    model: scoreOf(rounds.map(({ outcomes, scale }) => ({ outcomes, scale }))),
    naive: scoreOf(rounds.map(({ naive, scale }) => ({ outcomes: naive, scale }))),
    naivePeriodSeconds: last.periodSeconds,
    last,
  };
}

function fromOrigin(sensor: string, all: readonly Observation[], share: number, settings: FitSettings) {
  const history = all.slice(0, Math.floor(all.length * share));
  const held = all.slice(history.length, Math.floor(all.length * (share + horizon)));
  const nowMs = history.at(-1)?.timeMs ?? 0;
  const fitted = fitModel({ sensor, history, settings, nowMs });
  const periods = settings.cycles.map(({ periodSeconds }) => periodSeconds);
  const naive = seasonalNaive(history, periods, settings.intervalWidth);
  const outcomes = (at: (timeMs: number) => Outcome["forecast"]) =>
    held.map(({ timeMs, value }): Outcome => ({ timeMs, truth: value, forecast: at(timeMs) }));
  return {
    history,
    fitted,
    outcomes: outcomes((timeMs) => forecastAt(fitted, timeMs)),
    naive: outcomes(naive.at),
    scale: naive.historyError,
    periodSeconds: naive.periodSeconds,
  };
}

function scoreOf(
  rounds: readonly { readonly outcomes: readonly Outcome[]; readonly scale: number }[],
): Score {
  const scaled = rounds.map(({ outcomes, scale }) => accuracyOf(outcomes).mae / scale);
  const accuracy = accuracyOf(rounds.flatMap(({ outcomes }) => outcomes));
  return { ...accuracy, mase: scaled.reduce((sum, one) => sum + one, 0) / scaled.length };
}
