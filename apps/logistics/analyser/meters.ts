import type { Metrics } from "../../common/metrics.ts";
import { type FitOutcome, fitOutcomes } from "./fit/fitter.ts";
import type { Counts } from "./work.ts";

const fates = ["forecast", "unmodelled"] as const;

/** Counts what becomes of readings and of fits. */
export function analyserMeters(
  metrics: Metrics,
  models: { readonly count: number; readonly problems: readonly string[] },
) {
  const readings = metrics.counter(
    "analyser_readings_total",
    "Readings, by whether their sensor has a model.",
    ["fate"],
  );
  const forecasts = metrics.counter("analyser_forecasts_total", "Forecasts that are stored and published.");
  const repeated = metrics.counter(
    "analyser_forecasts_repeated_total",
    "Forecasts of readings that came again.",
  );
  const fits = metrics.counter("analyser_fits_total", "Fits of models.", ["outcome"]);
  metrics.gauge("analyser_models", "Models in use.", [], (gauge) => gauge.set(models.count));
  metrics.gauge("analyser_models_refused", "Files that hold no model.", [], (gauge) =>
    gauge.set(models.problems.length),
  );
  for (const fate of fates) readings.inc({ fate }, 0);
  for (const outcome of fitOutcomes) fits.inc({ outcome }, 0);
  return {
    batch: (counts: Counts): void => {
      for (const fate of fates) readings.inc({ fate }, counts[fate]);
      forecasts.inc(counts.forecast);
      repeated.inc(counts.repeated);
    },
    fit: (outcome: FitOutcome): void => fits.inc({ outcome }),
  };
}
