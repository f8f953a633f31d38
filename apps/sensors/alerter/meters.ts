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
    for (const [{ type, fate }, count] of tally(watched.outcomes, (each) => `${each.type}/${each.fate}`)) {
      readings.inc({ type, fate }, count);
    }
    const scored = watched.outcomes.flatMap(({ type, fate, anomalous, truth }) =>
      fate !== "judged" || truth === undefined ? [] : [{ type, outcome: outcomeOf(anomalous, truth) }],
    );
    for (const [labels, count] of tally(scored, (each) => `${each.type}/${each.outcome}`)) {
      detections.inc(labels, count);
    }
    for (const reason of watched.refusals) refused.inc({ reason });
    for (const { kind, state } of watched.alerts) alerts.inc({ kind, state });
  };
}

/** The first item of each kind, and how many there are of it. */
function tally<T>(items: readonly T[], kindOf: (item: T) => string): [T, number][] {
  const counts = new Map<string, [T, number]>();
  for (const item of items) {
    const kind = kindOf(item);
    const known = counts.get(kind);
    if (known === undefined) counts.set(kind, [item, 1]);
    else known[1] += 1;
  }
  return [...counts.values()];
}
