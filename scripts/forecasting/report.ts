import type { Evaluation, Score } from "../../apps/logistics/analyser/quality/evaluate.ts";
import { renderTable } from "../../lib/table.ts";

const header = ["sensor", "forecast", "held out", "MAE", "MAPE", "MASE", "in interval", "mean width"];

/** Sensors by how their forecasts fared, beside the seasonal-naive one, and what each column says. */
export function describeForecasts(evaluations: readonly Evaluation[], width: number): string {
  const rows = evaluations.flatMap(({ sensor, model, naive, naivePeriodSeconds }) => [
    [sensor, "model", ...cells(model)],
    ["", naiveName(naivePeriodSeconds), ...cells(naive)],
  ]);
  const zeros = evaluations.reduce((sum, { model }) => sum + model.zeros, 0);
  return [
    renderTable(header, rows),
    "",
    "Each forecast is of readings that its model was not fitted on: from three origins of the history a tenth ahead.",
    `MAPE leaves out readings of 0, by which it would divide: ${zeros} of them. MASE is the mean absolute error ÷ that`,
    "of the seasonal-naive forecast within the history; below 1 is better.",
    `In interval: the share of the readings within their intervals, which are to hold ${percent(width)}.`,
  ].join("\n");
}

function cells({ count, mae, mape, mase, coverage, width }: Score): string[] {
  return [String(count), number(mae), percent(mape), number(mase), percent(coverage), number(width)];
}

function naiveName(periodSeconds: number | undefined): string {
  if (periodSeconds === undefined) return "last value";
  const days = periodSeconds / 86_400;
  return days >= 1 ? `as ${round(days)} d before` : `as ${round(periodSeconds / 60)} min before`;
}

const round = (value: number) => String(Number(value.toFixed(2)));
const number = (value: number) => (Number.isFinite(value) ? value.toPrecision(3) : "–");
const percent = (share: number) => (Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : "–");
