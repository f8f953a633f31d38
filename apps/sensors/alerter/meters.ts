import type { Metrics } from "../../common/metrics.ts";
import { alertKinds, sensorTypes } from "../contract.ts";
import { refusals } from "../reading.ts";
import { outcomeOf, outcomes } from "../score.ts";
import type { Monitor, Watched } from "./monitor.ts";

/** Counts what becomes of readings. A batch is summed up before counters are told, which costs more than the sum. */
export function alerterMeters(metrics: Metrics, monitor: Pick<Monitor, "devices" | "raised">) {
  const readings = metrics.counter("sensors_readings_total", "Readings watched.", ["type", "fate"]);
  const refused = metrics.counter("sensors_readings_refused_total", "Messages that are no readings.", [
    "reason",
  ]);
  const alerts = metrics.counter("sensors_alerts_total", "Alerts that began and ended.", ["kind", "state"]);
  const detections = metrics.counter(
    "sensors_detections_total",
    "Readings with a label of the simulator's, by what the detector made of them.",
    ["type", "outcome"],
  );
  metrics.gauge("sensors_devices", "Devices known.", [], (gauge) => gauge.set(monitor.devices));
  metrics.gauge("sensors_alerts_raised", "Alerts that are on.", [], (gauge) => gauge.set(monitor.raised));
  for (const reason of refusals) refused.inc({ reason }, 0);
  for (const kind of alertKinds) alerts.inc({ kind, state: "raised" }, 0);
  for (const type of sensorTypes) for (const outcome of outcomes) detections.inc({ type, outcome }, 0);
  return (watched: Watched): void => {
    const judged = watched.outcomes.filter(({ fate }) => fate === "judged");
    tally(watched.outcomes, ({ type, fate }) => ({ type, fate })).forEach(([labels, count]) => {
      readings.inc(labels, count);
    });
    const scored = judged.flatMap(({ type, anomalous, truth }) =>
      truth === undefined ? [] : [{ type, outcome: outcomeOf(anomalous, truth) }],
    );
    tally(scored, (labels) => labels).forEach(([labels, count]) => {
      detections.inc(labels, count);
    });
    for (const reason of watched.refusals) refused.inc({ reason });
    for (const { kind, state } of watched.alerts) alerts.inc({ kind, state });
  };
}

/** How many items have the same labels. */
function tally<T, L extends Readonly<Record<string, string>>>(
  items: readonly T[],
  labelsOf: (item: T) => L,
): [L, number][] {
  const counts = new Map<string, [L, number]>();
  for (const item of items) {
    const labels = labelsOf(item);
    const key = Object.values(labels).join("/");
    const known = counts.get(key);
    if (known === undefined) counts.set(key, [labels, 1]);
    else known[1] += 1;
  }
  return [...counts.values()];
}
