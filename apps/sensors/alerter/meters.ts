import type { Metrics } from "../../common/metrics.ts";
import { alertKinds, sensorTypes } from "../contract.ts";
import { refusals } from "../reading.ts";
import { outcomeOf, outcomes } from "../score.ts";
import type { Monitor, Outcome, Watched } from "./monitor.ts";

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
    const fates = new Tally(({ type, fate }: Outcome) => ({ type, fate }));
    const scores = new Tally(({ type, outcome }: Scored) => ({ type, outcome }));
    for (const each of watched.outcomes) {
      fates.add(`${each.type}/${each.fate}`, each);
      if (each.fate !== "judged" || each.truth === undefined) continue;
      const outcome = outcomeOf(each.anomalous, each.truth);
      scores.add(`${each.type}/${outcome}`, { type: each.type, outcome });
    }
    for (const [labels, count] of fates.counts()) readings.inc(labels, count);
    for (const [labels, count] of scores.counts()) detections.inc(labels, count);
    for (const reason of watched.refusals) refused.inc({ reason });
    for (const { kind, state } of watched.alerts) alerts.inc({ kind, state });
  };
}

/** A judged reading with a label, by type and what the detector made of it. */
type Scored = Pick<Outcome, "type"> & { readonly outcome: ReturnType<typeof outcomeOf> };

/** Counts items of a kind; only the first of each kind is asked for its labels. */
class Tally<T, L> {
  readonly #labelsOf: (item: T) => L;
  readonly #counts = new Map<string, { readonly labels: L; count: number }>();

  constructor(labelsOf: (item: T) => L) {
    this.#labelsOf = labelsOf;
  }

  add(kind: string, item: T): void {
    const known = this.#counts.get(kind);
    if (known === undefined) this.#counts.set(kind, { labels: this.#labelsOf(item), count: 1 });
    else known.count += 1;
  }

  counts(): [L, number][] {
    return [...this.#counts.values()].map(({ labels, count }) => [labels, count]);
  }
}
