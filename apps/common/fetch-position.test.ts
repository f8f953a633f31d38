import { createRecordsBatch, type MessageRecord } from "@platformatic/kafka";
import { expect, it } from "vitest";
import type { RawConsumer } from "./consumer-records.ts";
import { beginAtRequested } from "./fetch-position.ts";
import { batchesIn, RecordBatch } from "./record-batch.ts";

/** A batch with the offsets 0 to 9. */
function batchOfTen(): RecordBatch {
  const messages = Array.from({ length: 10 }, (_, index) => ({ topic: "t", value: Buffer.from([index]) }));
  const [head] = batchesIn(createRecordsBatch(messages as MessageRecord[]).buffer);
  if (head === undefined) throw new Error("no batch");
  return new RecordBatch(head, head.records);
}

it("has the first batch of each partition begin at the offset that was asked for", () => {
  const batches = [batchOfTen(), batchOfTen(), batchOfTen()];
  const of = (batch: RecordBatch | undefined) => ({ records: [{ value: batch }] });
  const response = {
    responses: [
      {
        topicId: "one",
        partitions: [
          { partitionIndex: 4, records: [of(batches[0]), of(batches[1])] },
          { partitionIndex: 5, records: null },
          { partitionIndex: 6, records: [] },
        ],
      },
      { topicId: "two", partitions: [{ partitionIndex: 4, records: [of(batches[2])] }] },
    ],
  };
  const consumer = {
    fetch: (_options: unknown, callback: (error: Error | null, given: unknown) => void) =>
      callback(null, response),
  } as unknown as RawConsumer;
  beginAtRequested(consumer);
  const at = (partition: number, fetchOffset: bigint) => ({ partition, fetchOffset });
  const topics = [
    { topicId: "one", partitions: [at(4, 3n)] },
    { topicId: "one", partitions: [at(5, 0n)] },
    { topicId: "two", partitions: [at(4, 8n)] },
  ];
  const answered: unknown[] = [];
  consumer.fetch({ topics } as never, ((...args: unknown[]) => answered.push(...args)) as never);
  expect(answered).toEqual([null, response]);
  expect(batches.map((batch) => batch.next("t", 0)?.offset)).toEqual([3n, 0n, 8n]);
});
