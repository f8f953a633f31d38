import { type Outcomes, outcomes, scoresOf } from "../../apps/sensors/score.ts";
import { samplesOf } from "../../lib/metrics.ts";
import { renderTable } from "../../lib/table.ts";

/** Readings by type and outcome. */
export type Detections = ReadonlyMap<string, Outcomes>;

const nothing: Outcomes = { hit: 0, false_alarm: 0, miss: 0, rest: 0 };

/** What alerters have counted since they started, all of them together. @param texts of their `/metrics` */
export function readDetections(texts: readonly string[]): Detections {
  const found = new Map<string, Outcomes>();
  for (const { labels, value } of texts.flatMap((text) => samplesOf(text, "sensors_detections_total"))) {
    const { type, outcome } = labels;
    const known = outcomes.find((one) => one === outcome);
    if (type === undefined || known === undefined) continue;
    const before = found.get(type) ?? nothing;
    found.set(type, { ...before, [known]: before[known] + value });
  }
  return found;
}

/** Precision and recall of each type, and of all; types of which nothing was judged are left out. */
export function describeDetections(detections: Detections): string {
  const judged = [...detections].filter(([, counts]) => totalOf(counts) > 0);
  const all = judged.reduce((sum, [, counts]) => added(sum, counts), nothing);
  const rows = [...judged, ["all", all] as const].map(([type, counts]) => {
    const { precision, recall, f1 } = scoresOf(counts);
    const { hit, false_alarm: falseAlarms, miss } = counts;
    const shown = [totalOf(counts), hit + miss, hit, falseAlarms].map(String);
    return [type, ...shown, percent(precision), percent(recall), percent(f1)];
  });
  return renderTable(
    ["type", "readings", "anomalies", "found", "false alarms", "precision", "recall", "F1"],
    rows,
  );
}

export function totalOf(counts: Outcomes): number {
  return outcomes.reduce((sum, outcome) => sum + counts[outcome], 0);
}

function added(a: Outcomes, b: Outcomes): Outcomes {
  return {
    hit: a.hit + b.hit,
    false_alarm: a.false_alarm + b.false_alarm,
    miss: a.miss + b.miss,
    rest: a.rest + b.rest,
  };
}

function percent(part: number): string {
  return Number.isNaN(part) ? "–" : `${(100 * part).toFixed(1)} %`;
}
