import type { RawConsumer } from "./consumer-records.ts";
import { type FetchOptions, type FetchResponse, wrapFetch } from "./fetch-calls.ts";
import type { RecordBatch } from "./record-batch.ts";

/**
 * Has batches begin at the offset that was asked for: a broker returns whole ones, and the first may begin before it.
 * The client would look at each message; it sees none (see keepRecords).
 */
export function beginAtRequested(consumer: Pick<RawConsumer, "fetch">): void {
  wrapFetch(
    consumer,
    (fetch) => (options, callback) =>
      fetch(options, (error, response) => {
        if (!error) begin(options, response);
        callback(error, response);
      }),
  );
}

function begin({ topics }: FetchOptions, { responses }: FetchResponse): void {
  const requested = new Map(
    topics.flatMap(({ topicId, partitions }) =>
      partitions.map(({ partition, fetchOffset }) => [`${topicId}/${partition}`, fetchOffset] as const),
    ),
  );
  for (const { topicId, partitions } of responses) {
    for (const { partitionIndex, records } of partitions) {
      const offset = requested.get(`${topicId}/${partitionIndex}`);
      const first = records?.[0]?.records[0]?.value as RecordBatch | null | undefined;
      if (offset !== undefined) first?.startAt(offset);
    }
  }
}
