import { z } from "zod";
import { type Postgres, queryData } from "../../common/postgres.ts";
import { numberArray, textArray } from "../../common/postgres-arrays.ts";
import { TimePartitions } from "../../common/time-partitions.ts";
import type { CheckedReading } from "../reading.ts";
import { type AlertRow, merged } from "./rows.ts";

export const schema = "iot";

/** For how many days each table keeps its rows. */
export interface KeptDays {
  /** Readings and alerts. */
  readonly readings: number;
  readonly minutes: number;
  readonly hours: number;
}

const dayMs = 86_400_000;
/** Rows of the roll-ups are rewritten as readings come, so that their pages keep room. */
const rewritten = "fillfactor = 70";
const tables = [
  { name: "readings" },
  { name: "alerts" },
  { name: "readings_by_minute", storage: rewritten },
  { name: "readings_by_hour", storage: rewritten },
];

/** ms since the epoch → timestamptz, exact to the millisecond. */
const at = (column: string) => `timestamptz 'epoch' + ${column} * interval '1 millisecond'`;

/** Adds groups of new readings to the rows that are there. */
const addTo = (table: string, groups: string) => `
  INSERT INTO ${table} AS kept (time, device, type, count, sum, min, max)
  SELECT time, device, type, count, sum, min, max FROM ${groups}
  ORDER BY device, type, time
  ON CONFLICT (device, type, time) DO UPDATE SET
    count = kept.count + excluded.count,
    sum = kept.sum + excluded.sum,
    min = least(kept.min, excluded.min),
    max = greatest(kept.max, excluded.max)`;

/** Roll-ups count what is new, and in the same statement, so that they are right however often a message comes. */
const insertReadings = `
  WITH fresh AS (
    INSERT INTO readings (time, device, type, value)
    SELECT ${at("ms")}, device, type, value
    FROM unnest($1::float8[], $2::text[], $3::text[], $4::float8[]) AS given (ms, device, type, value)
    ORDER BY device, type, ms
    ON CONFLICT DO NOTHING
    RETURNING time, device, type, value
  ), minutes AS (
    SELECT date_trunc('minute', time, 'UTC') AS time, device, type,
      count(*) AS count, sum(value) AS sum, min(value) AS min, max(value) AS max
    FROM fresh GROUP BY 1, 2, 3
  ), by_minute AS (${addTo("readings_by_minute", "minutes")}
  ), hours AS (
    SELECT date_trunc('hour', time, 'UTC') AS time, device, type,
      sum(count) AS count, sum(sum) AS sum, min(min) AS min, max(max) AS max
    FROM minutes GROUP BY 1, 2, 3
  ), by_hour AS (${addTo("readings_by_hour", "hours")}
  )
  SELECT count(*)::int AS count FROM fresh`;

const upsertAlerts = `
  INSERT INTO alerts AS kept (id, kind, device, type, value, detail, raised_at, cleared_at)
  SELECT id, kind, device, type, value, detail, ${at("raised_ms")}, ${at("cleared_ms")}
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::float8[], $6::text[], $7::float8[], $8::float8[])
    AS given (id, kind, device, type, value, detail, raised_ms, cleared_ms)
  ORDER BY raised_ms, id
  ON CONFLICT (raised_at, id) DO UPDATE SET cleared_at = excluded.cleared_at
    WHERE kept.cleared_at IS NULL AND excluded.cleared_at IS NOT NULL`;

const counted = z.tuple([z.object({ count: z.number() })]);

/** Readings, alerts and roll-ups in PostgreSQL, a partition for each day. */
export class SensorStore {
  readonly #postgres: Pick<Postgres, "query">;
  readonly #days: KeptDays;
  readonly #partitions: TimePartitions;

  constructor(postgres: Pick<Postgres, "query">, days: KeptDays) {
    this.#postgres = postgres;
    this.#days = days;
    this.#partitions = new TimePartitions(postgres, "day", tables);
  }

  /** How old a reading or an alert may be to be kept at all, ms. */
  get keptMs(): number {
    return this.#days.readings * dayMs;
  }

  /**
   * Stores readings, those that are there already as they are, and counts the new ones into their minutes and hours.
   * @returns how many are new
   * @throws {PoisonError} when PostgreSQL refuses some of them for what is in them
   */
  async addReadings(readings: readonly CheckedReading[]): Promise<number> {
    await this.#partitions.makeRoom(readings.map(({ timeMs }) => timeMs));
    const { rows } = await queryData(this.#postgres, insertReadings, [
      numberArray(readings.map(({ timeMs }) => timeMs)),
      textArray(readings.map(({ device }) => device)),
      textArray(readings.map(({ type }) => type)),
      numberArray(readings.map(({ value }) => value)),
    ]);
    return counted.parse(rows)[0].count;
  }

  /**
   * Stores alerts, and the ends of those that are there.
   * @returns how many rows are new or have changed
   * @throws {PoisonError} as {@link addReadings} does
   */
  async addAlerts(rows: readonly AlertRow[]): Promise<number> {
    const alerts = merged(rows);
    await this.#partitions.makeRoom(alerts.map(({ raisedMs }) => raisedMs));
    const { rowCount } = await queryData(this.#postgres, upsertAlerts, [
      alerts.map(({ alert }) => alert.id),
      alerts.map(({ alert }) => alert.kind),
      alerts.map(({ alert }) => alert.device),
      alerts.map(({ alert }) => alert.type),
      alerts.map(({ alert }) => alert.value),
      alerts.map(({ alert }) => alert.detail),
      alerts.map(({ raisedMs }) => raisedMs),
      alerts.map(({ clearedMs }) => clearedMs),
    ]);
    return rowCount;
  }

  /** Drops the days that are not kept any more. @returns how many partitions */
  async dropOld(nowMs: number): Promise<number> {
    const { readings, minutes, hours } = this.#days;
    const drop = (table: string, days: number) => this.#partitions.dropOld(table, nowMs, days * dayMs);
    const dropped = await Promise.all([
      drop("readings", readings),
      drop("alerts", readings),
      drop("readings_by_minute", minutes),
      drop("readings_by_hour", hours),
    ]);
    return dropped.reduce((sum, count) => sum + count, 0);
  }
}
