-- Up Migration

-- All tables have a partition for each day of UTC (apps/common/time-partitions.ts).
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

-- One row for each device, type and minute, and one for each hour.
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

-- Down Migration

DROP TABLE readings_by_hour;
DROP TABLE readings_by_minute;
DROP TABLE alerts;
DROP TABLE readings;
