import { createRecordsBatch, type MessageRecord } from "@platformatic/kafka";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { writeExactTimes } from "./exact-times.ts";
import { copyOf, headerBytes, type KafkaMessage } from "./kafka-message.ts";
import { batchesIn, RecordBatch } from "./record-batch.ts";

writeExactTimes();

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const sent = fc.record({
  key: fc.option(bytes, { nil: undefined }),
  value: bytes,
  headers: fc.array(fc.tuple(bytes, bytes), { maxLength: 4 }),
  // Times may fall from message to message.
  timestamp: fc.bigInt({ min: 0n, max: 4_000_000_000_000n }),
});

/** A batch as the client writes it, whose code shares nothing with what reads it here. */
function encoded(messages: readonly (typeof sent extends fc.Arbitrary<infer T> ? T : never)[]): Buffer {
  const records = messages.map(({ headers, ...rest }) => ({
    topic: "t",
    ...rest,
    headers: new Map(headers),
  }));
  return createRecordsBatch(records as MessageRecord[]).buffer;
}

/** All messages of a batch. */
function read(data: Buffer, from = 0n): KafkaMessage[] {
  const messages: KafkaMessage[] = [];
  for (const head of batchesIn(data)) {
    const batch = new RecordBatch(head, head.records);
    batch.startAt(from);
    for (let next = batch.next("t", 3); next !== undefined; next = batch.next("t", 3)) messages.push(next);
  }
  return messages;
}

describe("a record batch", () => {
  it("has the messages that were written, part for part", () => {
    fc.assert(
      fc.property(fc.array(sent, { minLength: 1, maxLength: 20 }), (messages) => {
        const found = read(encoded(messages));
        expect(found.map(({ offset }) => offset)).toEqual(messages.map((_, index) => BigInt(index)));
        for (const [index, message] of found.entries()) {
          const expected = messages[index];
          expect(message.key).toEqual(expected?.key);
          expect(message.value).toEqual(expected?.value);
          expect(message.timestampMs).toBe(Number(expected?.timestamp));
          expect(message.exactHeaders).toEqual(expected?.headers);
          expect(message.headers).toEqual(
            new Map(expected?.headers.map(([name, value]) => [String(name), value])),
          );
          expect(message).toMatchObject({ topic: "t", partition: 3 });
          const counted = headerBytes(copyOf(message, {}));
          expect(message.headersBytes).toBeGreaterThanOrEqual(counted);
          // Lengths, of up to two bytes each.
          expect(message.headersBytes).toBeLessThanOrEqual(counted + 4 * (expected?.headers.length ?? 0) + 4);
        }
      }),
    );
  });

  it("begins at an offset within it, and is followed by the next one unless that is cut off", () => {
    const messages = fc.sample(sent, { numRuns: 10, seed: 1 });
    const batch = encoded(messages);
    expect(read(batch, 7n).map(({ offset }) => offset)).toEqual([7n, 8n, 9n]);
    const twice = Buffer.concat([batch, batch]);
    expect(read(twice)).toHaveLength(20);
    for (const missing of [1, batch.length - 30, batch.length - 1]) {
      expect(read(twice.subarray(0, twice.length - missing)), `${missing} bytes less`).toHaveLength(10);
    }
  });

  it("keeps a null value and a null key apart from empty ones", () => {
    // The client writes nulls, though its types know of none.
    const nulls = [
      { topic: "t", key: undefined, value: undefined },
      { topic: "t", key: empty, value: empty },
    ];
    const found = read(createRecordsBatch(nulls as unknown as MessageRecord[]).buffer);
    expect(found.map(({ key, value }) => [key, value])).toEqual([
      [undefined, undefined],
      [empty, empty],
    ]);
  });

  it("has the time of arrival of all where the topic keeps that", () => {
    const batch = encoded(fc.sample(sent, { numRuns: 3, seed: 2 }));
    batch.writeInt16BE(batch.readInt16BE(21) | 0b1000, 21);
    batch.writeBigInt64BE(1234n, 35);
    expect(read(batch).map(({ timestampMs }) => timestampMs)).toEqual([1234, 1234, 1234]);
  });

  it("refuses what is damaged, and never reads beyond its end", () => {
    const whole = encoded(fc.sample(sent, { numRuns: 5, seed: 3 }));
    fc.assert(
      fc.property(fc.integer({ min: 61, max: whole.length - 1 }), fc.nat(255), (place, byte) => {
        const data = Buffer.from(whole);
        data[place] = byte;
        try {
          for (const message of read(data)) void [message.key, message.headers, message.exactHeaders];
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("is refused in another format", () => {
    const batch = encoded(fc.sample(sent, { numRuns: 1, seed: 4 }));
    batch.writeInt8(1, 16);
    expect(() => batchesIn(batch)).toThrow("a record batch of format 1; 2 is expected");
  });
});

const empty = Buffer.alloc(0);
