import { expectedAt, harmonicAngle } from "../model/forecast.ts";
import type { Model, Seasonality } from "../model/model.ts";
import { type Observation, shortage, thinned } from "./history.ts";
import { type Estimate, type Fitted, fitProphet } from "./prophet.ts";
import type { Cycle, FitSettings, Form } from "./settings.ts";

export interface FitOptions {
  readonly sensor: string;
  /** In any order. */
  readonly history: readonly Observation[];
  readonly settings: FitSettings;
  /** For the card, ms since the epoch. */
  readonly nowMs: number;
}

/**
 * Fits a model to a sensor's history.
 * @throws when there is too little history, or the optimiser fails
 */
export function fitModel(options: FitOptions): Model {
  const { model, fitted } = fitBoth(options);
  fitted?.free();
  return model;
}

interface Both {
  readonly model: Model;
  readonly fitted: Fitted | undefined;
}

/** The model as it is stored and, where one was needed, the library's own of the same fit. */
export function fitBoth({ sensor, history, settings, nowMs }: FitOptions): Both {
  const used = thinned(history, settings.maxObservations);
  const [first, last] = [used.at(0), used.at(-1)];
  const short = shortage(used);
  if (first === undefined || last === undefined || short !== undefined) {
    throw new Error(`sensor ${sensor} has too little history: ${short}`);
  }
  const card: Model["card"] = {
    name: "Prophet",
    sensor,
    fittedAt: isoTime(nowMs),
    history: { from: isoTime(first.timeMs), to: isoTime(last.timeMs), readings: used.length },
    refit: true,
  };
  const start = Math.floor(first.timeMs / 1000);
  const time = { start, span: Math.floor(last.timeMs / 1000) - start };
  const tries = formsFor(settings.form, used).map((form) => fitForm(form, used, { card, time, settings }));
  const nearest = tries.reduce((best, one) => (errorOf(one, used) < errorOf(best, used) ? one : best));
  for (const { fitted } of tries) if (fitted !== nearest.fitted) fitted?.free();
  return nearest;
}

type Tried = Exclude<Form, "auto">;

/** @throws when a negative reading has no logarithm, and one was asked for */
function formsFor(form: Form, history: readonly Observation[]): readonly Tried[] {
  const hasLog = history.every(({ value }) => value >= 0);
  if (form === "auto") return hasLog ? ["additive", "log"] : ["additive"];
  if (form !== "log" || hasLog) return [form];
  throw new Error("a reading is negative, and the form log takes none; fix: another form, such as auto");
}

/** How far a model is from what it was fitted on, on average. */
function errorOf({ model }: Both, history: readonly Observation[]): number {
  const errors = history.map(({ timeMs, value }) => Math.abs(value - expectedAt(model, timeMs)));
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

function fitForm(
  form: Tried,
  history: readonly Observation[],
  about: {
    readonly card: Model["card"];
    readonly time: Pick<Model["scale"], "start" | "span">;
    readonly settings: FitSettings;
  },
): Both {
  const { card, time, settings } = about;
  const { intervalWidth: width, samples, seed } = settings;
  const log = form === "log";
  const values = log ? history.map((one) => ({ ...one, value: Math.log1p(one.value) })) : history;
  const largest = values.reduce((most, { value }) => Math.max(most, Math.abs(value)), 0);
  const value = largest === 0 ? 1 : largest;
  const offset = values[0]?.value ?? 0;
  const { fitted, ...parameters } = values.every((one) => one.value === offset)
    ? { ...constant(offset / value), fitted: undefined }
    : estimated(values, settings, form === "multiplicative" ? form : "additive");
  const scale: Model["scale"] = { ...time, value, transform: log ? "log1p" : "none" };
  const intervals = { width, samples, seed };
  return { model: { format: "edgelab-forecast/1", card, scale, ...parameters, intervals }, fitted };
}

type Parameters = Pick<Model, "trend" | "seasonalities" | "noise">;

/** What never changed has no likelihood to maximise. */
function constant(offset: number): Parameters {
  return { trend: { growth: "flat", rate: 0, offset, changepoints: [] }, seasonalities: [], noise: 0 };
}

function estimated(
  history: readonly Observation[],
  settings: FitSettings,
  mode: Seasonality["mode"],
): Parameters & { readonly fitted: Fitted } {
  const cycles = cyclesWithin(history, settings);
  const { estimate, fitted } = fitProphet(history, cycles, settings, mode);
  const { k, m, delta, changepoints, sigma } = estimate;
  return {
    fitted,
    trend: {
      growth: "linear",
      rate: k,
      offset: m,
      changepoints: changepoints.map((at, index) => ({ at, change: delta[index] ?? 0 })),
    },
    seasonalities: seasonalitiesOf(cycles, estimate, history, mode),
    noise: sigma,
  };
}

const isoTime = (ms: number) => new Date(ms).toISOString();

/** The cycles that a history can tell: it has enough of them, and observations closer than one. */
function cyclesWithin(history: readonly Observation[], settings: FitSettings): readonly Cycle[] {
  const spanMs = (history.at(-1)?.timeMs ?? 0) - (history.at(0)?.timeMs ?? 0);
  const gaps = history.slice(1).map(({ timeMs }, index) => timeMs - (history[index]?.timeMs ?? 0));
  const closestMs = gaps.reduce((least, gap) => Math.min(least, gap), Number.POSITIVE_INFINITY);
  return settings.cycles.filter(
    ({ periodSeconds }) =>
      spanMs >= settings.leastCycles * 1000 * periodSeconds && closestMs < 1000 * periodSeconds,
  );
}

/**
 * Which coefficients belong to which cycle. The library hands them to the optimiser in the order of a hash map, so each
 * cycle is found by what its harmonics are at the observations' times.
 */
function seasonalitiesOf(
  cycles: readonly Cycle[],
  { beta, regressors }: Estimate,
  history: readonly Observation[],
  mode: Seasonality["mode"],
): Seasonality[] {
  const found: Seasonality[] = [];
  let column = 0;
  while (found.length < cycles.length) {
    const from = column;
    const cycle = cycles.find((one) => startsAt(one, from, regressors, history));
    if (cycle === undefined) throw new Error(`no cycle is the optimiser's regressor ${from}`);
    const { name, periodSeconds, harmonics } = cycle;
    const coefficients = beta.slice(from, from + 2 * harmonics);
    found.push({ name, periodSeconds, mode, terms: pairs(coefficients) });
    column += coefficients.length;
  }
  return found;
}

function pairs(numbers: readonly number[]): [number, number][] {
  return Array.from({ length: numbers.length / 2 }, (_, index) => [
    numbers[2 * index] ?? 0,
    numbers[2 * index + 1] ?? 0,
  ]);
}

/** Whether the regressors from a column on are a cycle's harmonics. */
function startsAt(
  { periodSeconds, harmonics }: Cycle,
  column: number,
  regressors: Estimate["regressors"],
  history: readonly Observation[],
): boolean {
  return history.every(({ timeMs }, row) =>
    Array.from({ length: harmonics }, (_, index) => index).every((index) => {
      const angle = harmonicAngle(periodSeconds, index, Math.floor(timeMs / 1000));
      const at = column + 2 * index;
      return near(regressors[row]?.[at], Math.sin(angle)) && near(regressors[row]?.[at + 1], Math.cos(angle));
    }),
  );
}

/** Angles of decades of seconds, computed in another order, agree to about ten digits. */
function near(a: number | undefined, b: number): boolean {
  return a !== undefined && Math.abs(a - b) < 1e-6;
}
