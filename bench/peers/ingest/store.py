"""Stores readings with their roll-ups by minute and hour, and alerts, in PostgreSQL: many rows a statement."""

import json
import os
from datetime import datetime, timezone

import psycopg

from settings import ALERTS, READINGS, ending, good, open_consumer

TABLES = """
CREATE SCHEMA bench_ingest;
CREATE TABLE bench_ingest.readings (
  time timestamptz NOT NULL, device text NOT NULL, type text NOT NULL, value double precision NOT NULL,
  PRIMARY KEY (device, type, time));
CREATE TABLE bench_ingest.readings_by_minute (
  time timestamptz NOT NULL, device text NOT NULL, type text NOT NULL, count integer NOT NULL,
  sum double precision NOT NULL, min double precision NOT NULL, max double precision NOT NULL,
  PRIMARY KEY (device, type, time)) WITH (fillfactor = 70);
CREATE TABLE bench_ingest.readings_by_hour (LIKE bench_ingest.readings_by_minute INCLUDING ALL)
  WITH (fillfactor = 70);
CREATE TABLE bench_ingest.alerts (
  id text PRIMARY KEY, kind text NOT NULL, device text NOT NULL, value double precision NOT NULL, state text NOT NULL);
"""


def roll_up(unit):
    """Counts what is new into its minute or hour."""
    return f"""
  INSERT INTO bench_ingest.readings_by_{unit} AS kept (time, device, type, count, sum, min, max)
  SELECT date_trunc('{unit}', time, 'UTC'), device, type, count(*), sum(value), min(value), max(value)
  FROM fresh GROUP BY 1, 2, 3
  ON CONFLICT (device, type, time) DO UPDATE SET count = kept.count + excluded.count, sum = kept.sum + excluded.sum,
    min = least(kept.min, excluded.min), max = greatest(kept.max, excluded.max)"""


INSERT_READINGS = f"""
WITH fresh AS (
  INSERT INTO bench_ingest.readings (time, device, type, value)
  SELECT * FROM unnest(%s::timestamptz[], %s::text[], %s::text[], %s::float8[])
  ON CONFLICT DO NOTHING RETURNING time, device, type, value
), minutes AS ({roll_up("minute")}), hours AS ({roll_up("hour")})
SELECT count(*) FROM fresh
"""
INSERT_ALERT = """
INSERT INTO bench_ingest.alerts VALUES (%s, %s, %s, %s, %s) ON CONFLICT (id) DO UPDATE SET state = excluded.state
"""


def connect():
    with open("/run/secrets/postgres") as file:
        password = file.read().strip()
    return psycopg.connect(
        host=os.environ["POSTGRES_HOST"],
        port=os.environ["POSTGRES_PORT"],
        dbname=os.environ["POSTGRES_DB"],
        user=os.environ["POSTGRES_USER"],
        password=password,
    )


def main():
    connection = connect()
    connection.execute(TABLES)
    connection.commit()
    consumer = open_consumer(f"{READINGS}-store", [READINGS, ALERTS])
    while not ending.is_set():
        readings, alerts = [], []
        messages = consumer.consume(1000, timeout=0.5)
        for message in good(messages):
            row = json.loads(message.value())
            if message.topic() == READINGS:
                time = datetime.fromisoformat(row["time"]).astimezone(timezone.utc)
                readings.append((time, row["device"], row["type"], float(row["value"])))
            else:
                alerts.append((row["id"], row["kind"], row["device"], row["value"], row["state"]))
        if not messages:
            continue
        with connection.cursor() as cursor:
            if readings:
                cursor.execute(INSERT_READINGS, [list(column) for column in zip(*readings)])
            if alerts:
                cursor.executemany(INSERT_ALERT, alerts)
        connection.commit()
        consumer.commit(asynchronous=True)
    consumer.close()
    connection.close()


if __name__ == "__main__":
    main()
