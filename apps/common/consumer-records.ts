import type { Consumer, Message, MessagesStream } from "@platformatic/kafka";
import type { ExactHeader, KafkaMessage } from "./kafka-message.ts";

export type RawConsumer = Consumer<Buffer, Buffer, Buffer, Buffer>;
export type RawStream = MessagesStream<Buffer, Buffer, Buffer, Buffer>;
export type RawMessage = Message<Buffer, Buffer, Buffer, Buffer>;

/** A record of the client as the apps see it. */
export function fromRaw(raw: RawMessage): KafkaMessage {
  const { topic, partition, offset, timestamp } = raw;
  const exact: ExactHeader[] = raw.headerEntries.map(([name, value]) => [name ?? Buffer.alloc(0), value]);
  const headers = new Map(exact.map(([name, header]) => [String(name), header ?? Buffer.alloc(0)]));
  // The client's types leave out that a key or a value can be missing (a null in Kafka's terms).
  const { key, value }: { key: Buffer | undefined; value: Buffer | undefined } = raw;
  return {
    topic,
    partition,
    offset,
    timestampMs: Number(timestamp),
    key: key ?? undefined,
    value: value ?? undefined,
    headers,
    exactHeaders: exact,
  };
}
