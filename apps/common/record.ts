import { type KafkaMessage, PoisonError, type Rejection } from "./kafka-message.ts";
import type { Counter, Histogram, Metrics } from "./metrics.ts";
import { batchBuckets, latencyBuckets } from "./metrics.ts";

export interface RecorderMetrics {
  readonly inserted: Counter<"table">;
  readonly duplicates: Counter<"table">;
  readonly rows: Histogram<"table">;
  readonly seconds: Histogram<"table">;
}

export function recorderMetrics(metrics: Metrics): RecorderMetrics {
  return {
    inserted: metrics.counter("recorder_rows_inserted_total", "Rows inserted.", ["table"]),
    duplicates: metrics.counter("recorder_duplicates_total", "Messages whose row was there already.", [
      "table",
    ]),
    rows: metrics.histogram("recorder_insert_rows", "Rows in one INSERT.", batchBuckets, ["table"]),
    seconds: metrics.histogram("recorder_insert_seconds", "Duration of one INSERT.", latencyBuckets, [
      "table",
    ]),
  };
}

/**
 * What is done with a batch of one topic: messages become rows, rows are stored together, messages that cannot become
 * rows are rejected.
 */
export function recordBatch<Row>(
  table: string,
  toRow: (message: KafkaMessage) => Row,
  store: (rows: readonly Row[]) => Promise<number>,
  metrics: RecorderMetrics,
): (messages: readonly KafkaMessage[]) => Promise<readonly Rejection[]> {
  for (const counter of [metrics.inserted, metrics.duplicates]) counter.inc({ table }, 0);
  return async (messages) => {
    const { rows, rejections } = sorted(messages, toRow);
    if (rows.length === 0) return rejections;
    const startMs = performance.now();
    const inserted = await store(rows);
    metrics.seconds.observe({ table }, (performance.now() - startMs) / 1000);
    metrics.rows.observe({ table }, rows.length);
    metrics.inserted.inc({ table }, inserted);
    metrics.duplicates.inc({ table }, rows.length - inserted);
    return rejections;
  };
}

function sorted<Row>(messages: readonly KafkaMessage[], toRow: (message: KafkaMessage) => Row) {
  const rows: Row[] = [];
  const rejections: Rejection[] = [];
  for (const message of messages) {
    try {
      rows.push(toRow(message));
    } catch (error) {
      if (!(error instanceof PoisonError)) throw error;
      rejections.push({ message, reason: error.message });
    }
  }
  return { rows, rejections };
}
