-- Up Migration

CREATE TABLE images (
  id text PRIMARY KEY,
  producer text NOT NULL,
  device integer NOT NULL,
  seq bigint NOT NULL,
  -- What the image shows, if its sender said so.
  label text,
  content_type text NOT NULL,
  bytes bytea NOT NULL,
  -- By the producer's clock.
  scheduled_at timestamptz NOT NULL,
  sent_at timestamptz NOT NULL,
  -- By this server's clock, as in results.
  received_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- No foreign key to images: a result may be stored before its image is.
CREATE TABLE results (
  image_id text PRIMARY KEY,
  model text NOT NULL,
  predicted text NOT NULL,
  score double precision NOT NULL,
  -- The likeliest labels, [{"label": …, "score": …}], likeliest first.
  top jsonb NOT NULL,
  inference_ms double precision NOT NULL,
  batch integer NOT NULL,
  -- By the classifier's clock.
  picked_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX images_sent_at ON images (sent_at);
CREATE INDEX images_producer_seq ON images (producer, seq);

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
JOIN results ON results.image_id = images.id;

-- Down Migration

DROP VIEW classified;
DROP TABLE results;
DROP TABLE images;
