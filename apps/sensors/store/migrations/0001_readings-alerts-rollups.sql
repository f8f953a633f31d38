-- Up Migration

-- All tables have a partition for each day of UTC, made when something of that day comes; with its partition a day goes.
CREATE TABLE readings (
  -- By the device's clock.
  time timestamptz NOT NULL,
  device text NOT NULL,
  type text NOT NULL,
  -- °C, %, hPa, lux; of motion 1 or 0.
  value double precision NOT NULL,
  received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- A reading that comes again is known by it.
  PRIMARY KEY (device, type, time)
) PARTITION BY RANGE (time);

CREATE TABLE alerts (
  id text NOT NULL,
  kind text NOT NULL,
  device text NOT NULL,
  type text NOT NULL,
  -- Of the reading that raised it, and why it did.
  value double precision NOT NULL,
  detail text NOT NULL,
  raised_at timestamptz NOT NULL,
  -- NULL while it is on.
  cleared_at timestamptz,
  PRIMARY KEY (raised_at, id)
) PARTITION BY RANGE (raised_at);
CREATE INDEX alerts_device ON alerts (device, raised_at);

-- One row for each device, type and minute, and one for each hour; rewritten as readings come, so that pages keep room.
CREATE TABLE readings_by_minute (
  time timestamptz NOT NULL,
  device text NOT NULL,
  type text NOT NULL,
  count integer NOT NULL,
  sum double precision NOT NULL,
  min double precision NOT NULL,
  max double precision NOT NULL,
  mean double precision NOT NULL GENERATED ALWAYS AS (sum / count) STORED,
  PRIMARY KEY (device, type, time)
) PARTITION BY RANGE (time);

CREATE TABLE readings_by_hour (
  LIKE readings_by_minute INCLUDING GENERATED,
  PRIMARY KEY (device, type, time)
) PARTITION BY RANGE (time);

-- What a day's partition is called.
CREATE FUNCTION partition_name(parent text, day date) RETURNS text
  LANGUAGE sql IMMUTABLE
  RETURN parent || '_' || lpad(extract(year FROM day)::text, 4, '0')
    || lpad(extract(month FROM day)::text, 2, '0') || lpad(extract(day FROM day)::text, 2, '0');

-- Makes room for a day. Of several sessions that do so at once, one does it and the others wait.
CREATE FUNCTION add_day(day date) RETURNS void
  LANGUAGE plpgsql AS $$
DECLARE
  parent text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('partitions'), hashtext(current_schema()));
  FOREACH parent IN ARRAY ARRAY['readings', 'alerts', 'readings_by_minute', 'readings_by_hour'] LOOP
    EXECUTE format(
      'CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L) %s',
      partition_name(parent, day),
      parent,
      day::timestamp AT TIME ZONE 'UTC',
      (day + 1)::timestamp AT TIME ZONE 'UTC',
      CASE WHEN parent LIKE 'readings\_by\_%' THEN 'WITH (fillfactor = 70)' ELSE '' END
    );
  END LOOP;
END
$$;

-- Drops a table's days before this one; returns how many.
CREATE FUNCTION drop_days_before(parent text, first_kept date) RETURNS integer
  LANGUAGE plpgsql AS $$
DECLARE
  partition text;
  dropped integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('partitions'), hashtext(current_schema()));
  FOR partition IN
    SELECT child.relname
    FROM pg_inherits
    JOIN pg_class AS child ON child.oid = inhrelid
    WHERE inhparent = to_regclass(quote_ident(parent))
      AND child.relname < partition_name(parent, first_kept)
  LOOP
    EXECUTE format('DROP TABLE %I', partition);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END
$$;

-- Down Migration

DROP FUNCTION drop_days_before;
DROP FUNCTION add_day;
DROP TABLE readings_by_hour;
DROP TABLE readings_by_minute;
DROP TABLE alerts;
DROP TABLE readings;
DROP FUNCTION partition_name;
