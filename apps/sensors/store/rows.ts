import { z } from "zod";
import { type KafkaMessage, PoisonError } from "../../common/kafka-message.ts";
import { parseJson, text, validated } from "../../common/validated.ts";
import { type Alert, alertKinds, sensorTypes } from "../contract.ts";

const time = z.iso.datetime();
const form: z.ZodType<Alert> = z.object({
  id: text.min(1),
  kind: z.enum(alertKinds),
  state: z.enum(["raised", "cleared"]),
  device: text.min(1),
  type: z.enum(sensorTypes),
  value: z.number(),
  time,
  since: time,
  detail: text,
});

/** A row of table `alerts`; of an alert that is over, only its end is new. */
export interface AlertRow {
  readonly alert: Alert;
  /** ms since the epoch. */
  readonly raisedMs: number;
  /** ms since the epoch; null while it is on. */
  readonly clearedMs: number | null;
}

/**
 * The row for a message on `iot-alerts`.
 * @param oldestMs what was raised before this is not kept
 * @throws {PoisonError} when it is no {@link Alert}, or too old
 */
export function alertRow({ value }: KafkaMessage, oldestMs: number): AlertRow {
  const alert = validated("alert", form, parseJson(value));
  const raisedMs = Date.parse(alert.since);
  if (raisedMs < oldestMs) throw new PoisonError(`alert: raised at ${alert.since}, before what is kept`);
  return { alert, raisedMs, clearedMs: alert.state === "cleared" ? Date.parse(alert.time) : null };
}

/** One row for each alert, with its end where that is among them: a statement changes no row twice. */
export function merged(rows: readonly AlertRow[]): AlertRow[] {
  const byId = new Map<string, AlertRow>();
  for (const row of rows) {
    const known = byId.get(row.alert.id);
    // What raised it says why; it comes first, unless it was in another batch.
    if (known === undefined) byId.set(row.alert.id, row);
    else byId.set(row.alert.id, { ...known, clearedMs: row.clearedMs ?? known.clearedMs });
  }
  return [...byId.values()];
}
