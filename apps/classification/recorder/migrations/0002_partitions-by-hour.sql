-- Up Migration

-- Both tables get a partition for each hour of UTC (apps/common/time-partitions.ts), by when the image was sent: its
-- message and every result of it say the same, however often they come, so that a row is still known by its key.
DROP VIEW classified;
ALTER TABLE images RENAME TO unpartitioned_images;
ALTER TABLE results RENAME TO unpartitioned_results;
-- Names of indexes are those of the schema.
ALTER INDEX images_pkey RENAME TO unpartitioned_images_pkey;
ALTER INDEX results_pkey RENAME TO unpartitioned_results_pkey;
DROP INDEX images_sent_at;
DROP INDEX images_producer_seq;

CREATE TABLE images (
  LIKE unpartitioned_images INCLUDING DEFAULTS,
  PRIMARY KEY (id, sent_at)
) PARTITION BY RANGE (sent_at);

CREATE TABLE results (
  LIKE unpartitioned_results INCLUDING DEFAULTS,
  -- By the producer's clock: its image's.
  sent_at timestamptz NOT NULL,
  PRIMARY KEY (image_id, sent_at)
) PARTITION BY RANGE (sent_at);

CREATE INDEX images_sent_at ON images (sent_at);
CREATE INDEX images_producer_seq ON images (producer, seq);

-- A result whose image is not there was found at about the time at which that was sent.
CREATE TEMPORARY TABLE dated_results ON COMMIT DROP AS
SELECT old.*, coalesce(unpartitioned_images.sent_at, old.picked_at) AS sent_at
FROM unpartitioned_results AS old
LEFT JOIN unpartitioned_images ON unpartitioned_images.id = old.image_id;

DO $$
DECLARE
  hour timestamp;
  parent text;
BEGIN
  FOR hour IN
    SELECT date_trunc('hour', sent_at AT TIME ZONE 'UTC') FROM unpartitioned_images
    UNION
    SELECT date_trunc('hour', sent_at AT TIME ZONE 'UTC') FROM dated_results
  LOOP
    FOREACH parent IN ARRAY ARRAY['images', 'results'] LOOP
      EXECUTE format(
        'CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
        parent || to_char(hour, '_YYYYMMDDHH24'),
        parent,
        hour AT TIME ZONE 'UTC',
        (hour + interval '1 hour') AT TIME ZONE 'UTC'
      );
    END LOOP;
  END LOOP;
END
$$;

INSERT INTO images SELECT * FROM unpartitioned_images;
INSERT INTO results SELECT * FROM dated_results;
DROP TABLE unpartitioned_images;
DROP TABLE unpartitioned_results;

CREATE VIEW classified AS
SELECT
  images.id,
  images.producer,
  images.device,
  images.seq,
  images.label,
  results.predicted,
  results.score,
  images.label = results.predicted AS correct,
  results.model,
  images.sent_at,
  results.received_at AS classified_at
FROM images
JOIN results ON results.image_id = images.id AND results.sent_at = images.sent_at;

-- Down Migration

DROP VIEW classified;
DROP TABLE results;
DROP TABLE images;
