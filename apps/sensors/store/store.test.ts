import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Postgres } from "../../common/postgres.ts";
import { startPostgres, type TestPostgres } from "../../common/testing/postgres.ts";
import type { CheckedReading } from "../reading.ts";
import type { AlertRow } from "./rows.ts";
import { SensorStore } from "./store.ts";

const migrations = fileURLToPath(new URL("./migrations", import.meta.url));
const days = { readings: 7, minutes: 30, hours: 365 };
const dayMs = 86_400_000;
const startMs = Date.UTC(2026, 10, 21, 23, 58);

let server: TestPostgres;
let schemas = 0;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.close());

/** A store with tables of its own. */
async function withStore(use: (store: SensorStore, postgres: Postgres) => Promise<void>): Promise<void> {
  schemas += 1;
  const postgres = server.open(`s${schemas}`);
  try {
    await postgres.migrate(migrations);
    await use(new SensorStore(postgres, days), postgres);
  } finally {
    await postgres.close();
  }
}

function reading(second: number, value: number, device = "d"): CheckedReading {
  return { device, type: "temperature", value, timeMs: startMs + second * 1000 };
}

/** Every row of a roll-up as text, its numbers rounded: sums differ in their last bits by their order. */
const rowsOf = async (postgres: Postgres, from: string) => {
  const text = `SELECT time::text, device, type, count::int, round(sum::numeric, 6)::text AS sum, min, max FROM ${from} ORDER BY device, type, time`;
  return (await postgres.query(text)).rows;
};
const aggregated = (unit: string) =>
  `(SELECT date_trunc('${unit}', time, 'UTC') AS time, device, type, count(*), sum(value), min(value), max(value) FROM readings GROUP BY 1, 2, 3) AS grouped`;

describe("the store of readings", () => {
  it("rolls minutes and hours up, over midnight", () =>
    withStore(async (store, postgres) => {
      const readings = [0, 30, 60, 119, 120, 130].map((second, index) => reading(second, 20 + index));
      expect(await store.addReadings(readings)).toBe(6);
      const { rows } = await postgres.query(
        "SELECT to_char(time AT TIME ZONE 'UTC', 'DD HH24:MI') AS minute, count, mean, min, max FROM readings_by_minute ORDER BY time",
      );
      expect(rows).toEqual([
        { minute: "21 23:58", count: 2, mean: 20.5, min: 20, max: 21 },
        { minute: "21 23:59", count: 2, mean: 22.5, min: 22, max: 23 },
        { minute: "22 00:00", count: 2, mean: 24.5, min: 24, max: 25 },
      ]);
      const hours = await postgres.query("SELECT count, sum FROM readings_by_hour ORDER BY time");
      expect(hours.rows).toEqual([
        { count: 4, sum: 86 },
        { count: 2, sum: 49 },
      ]);
    }));

  it("has roll-ups that are what its readings come to, however often and in what batches these come", () =>
    withStore(async (_, postgres) => {
      const arbitrary = fc.record({
        device: fc.constantFrom("a", "b", "c"),
        second: fc.integer({ min: 0, max: 7200 }),
        value: fc.integer({ min: -50, max: 50 }),
      });
      const batches = fc.array(fc.array(arbitrary, { minLength: 1, maxLength: 8 }), {
        minLength: 1,
        maxLength: 6,
      });
      await fc.assert(
        fc.asyncProperty(batches, fc.array(fc.nat(5), { maxLength: 6 }), async (first, repeated) => {
          await postgres.query("TRUNCATE readings, readings_by_minute, readings_by_hour");
          const again = repeated.flatMap((index) => (first[index] === undefined ? [] : [first[index]]));
          // A store that was started anew knows nothing of partitions.
          const stores = [new SensorStore(postgres, days), new SensorStore(postgres, days)];
          const all = [...first, ...again].map((batch) =>
            batch.map(({ second, value, device }) => reading(second, value, device)),
          );
          await Promise.all(all.map((batch, index) => stores[index % 2]?.addReadings(batch)));
          for (const unit of ["minute", "hour"]) {
            expect(await rowsOf(postgres, `readings_by_${unit}`)).toEqual(
              await rowsOf(postgres, aggregated(unit)),
            );
          }
        }),
        { numRuns: 25 },
      );
    }));

  it("drops whole days that are not kept any more, of each table its own", () =>
    withStore(async (store, postgres) => {
      const old = [0, 1, 8, 40].map((age) => ({ ...reading(0, 20), timeMs: startMs - age * dayMs }));
      expect(await store.addReadings(old)).toBe(4);
      expect(await store.dropOld(startMs)).toBe(2 + 2 + 1);
      const left = async (table: string) => (await postgres.query(`SELECT FROM ${table}`)).rowCount;
      const tables = ["readings", "readings_by_minute", "readings_by_hour"];
      expect(await Promise.all(tables.map(left))).toEqual([2, 3, 4]);
      // What comes late all the same finds a place.
      expect(await store.addReadings(old.slice(2, 3))).toBe(1);
    }));

  it("makes a day's partitions once when several ask for them at once", () =>
    withStore(async (_, postgres) => {
      const stores = Array.from({ length: 4 }, () => new SensorStore(postgres, days));
      const added = await Promise.all(stores.map((store, index) => store.addReadings([reading(index, 20)])));
      expect(added).toEqual([1, 1, 1, 1]);
    }));
});

describe("the store of alerts", () => {
  const row = (state: "raised" | "cleared", second: number, since = 0): AlertRow => {
    const [time, raised] = [second, since].map((at) => new Date(startMs + at * 1000).toISOString());
    const alert = {
      id: `motion/d/${raised}`,
      kind: "motion",
      device: "d",
      type: "motion",
      value: 1,
      detail: state,
    };
    return {
      alert: { ...alert, kind: "motion", type: "motion", state, time: time ?? "", since: raised ?? "" },
      raisedMs: startMs + since * 1000,
      clearedMs: state === "cleared" ? startMs + second * 1000 : null,
    };
  };
  const alerts = async (postgres: Postgres) =>
    (await postgres.query("SELECT detail, cleared_at - raised_at = '9 s' AS cleared FROM alerts")).rows;

  it("keeps one row for an alert, with its end, in one batch or two and however often they come", () =>
    withStore(async (store, postgres) => {
      expect(await store.addAlerts([row("raised", 0)])).toBe(1);
      expect(await alerts(postgres)).toEqual([{ detail: "raised", cleared: null }]);
      expect(await store.addAlerts([row("raised", 0), row("cleared", 9)])).toBe(1);
      expect(await store.addAlerts([row("cleared", 9)])).toBe(0);
      expect(await store.addAlerts([row("raised", 0)])).toBe(0);
      expect(await alerts(postgres)).toEqual([{ detail: "raised", cleared: true }]);
    }));
});
