import { isUtf8 } from "node:buffer";

/** A message as it was read from a topic. What is read of it may be its prototype's: {@link copyOf} copies it. */
export interface KafkaMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Time set by the sender, or by the broker if the topic says so: ms since the epoch, on that machine's clock. */
  readonly timestampMs: number;
  readonly key: Buffer | undefined;
  readonly value: Buffer | undefined;
  /** Of headers with the same name the last one counts. */
  readonly headers: ReadonlyMap<string, Buffer>;
  /** The headers byte for byte, in their order, repeated ones and names that are no UTF-8 among them; of what was read. */
  readonly exactHeaders?: readonly ExactHeader[];
  /** What the headers take in the batch that they came in, and an allowance for framing. */
  readonly headersBytes?: number;
  /** Why it is no message of its topic, but stands for a whole batch that was not read. */
  readonly unreadable?: string;
}

/** A message that differs from another one in these. */
export function copyOf(message: KafkaMessage, changes: Partial<KafkaMessage>): KafkaMessage {
  const { topic, partition, offset, timestampMs, key, value, headers, exactHeaders } = message;
  const exact = exactHeaders === undefined ? {} : { exactHeaders };
  return { topic, partition, offset, timestampMs, key, value, headers, ...exact, ...changes };
}

/** A header as it is in Kafka: its value can be null. */
export type ExactHeader = readonly [name: Buffer, value: Buffer | undefined];

/** A message to be sent byte for byte, as whatever is passed on has to be: key and value can be null. */
export interface ExactMessage {
  readonly topic: string;
  readonly key: Buffer | undefined;
  readonly value: Buffer | undefined;
  readonly headers: readonly ExactHeader[];
  /** ms since the epoch; the time of sending when left out. */
  readonly timestampMs?: number;
}

/** A message to be sent. Text is encoded as UTF-8. */
export interface OutgoingMessage {
  readonly topic: string;
  /** Messages with the same key go to the same partition; without a key they take turns. */
  readonly key?: string | Buffer;
  /** Goes to this partition, whatever its key; counted modulo the topic's partitions, so that every number is one. */
  readonly partition?: number | undefined;
  readonly value: string | Buffer;
  readonly headers?: Readonly<Record<string, string | Buffer>>;
}

/** A message that cannot be processed, ever, and why. */
export interface Rejection {
  readonly message: KafkaMessage;
  readonly reason: string;
}

/** Thrown for content that cannot be processed however often it is tried; its message is the reason. */
export class PoisonError extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = "PoisonError";
  }
}

/**
 * Text of a header, or undefined when the message has no such header.
 * @throws PoisonError that names it when it is no UTF-8: what cannot be read has many values that look the same
 */
export function headerText(message: KafkaMessage, name: string): string | undefined {
  const value = message.headers.get(name);
  if (value !== undefined && !isUtf8(value)) throw new PoisonError(`header ${name} is no UTF-8`);
  return value?.toString("utf8");
}

/** Text of a header that must be there. @throws PoisonError that names it when it is missing or empty */
export function textHeader(message: KafkaMessage, name: string): string {
  const value = headerText(message, name);
  if (!value) throw new PoisonError(`header ${name} is missing`);
  return value;
}

/** A header that must be a whole number of 0 or more. @throws PoisonError that names it when it is none */
export function integerHeader(message: KafkaMessage, name: string): number {
  const value = textHeader(message, name);
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number)) {
    throw new PoisonError(`header ${name} is ${JSON.stringify(value.slice(0, 40))}, not a whole number`);
  }
  return number;
}

/** Size of a message in bytes as far as limits are concerned: key, value, headers and an allowance for framing. */
export function sizeOf(
  message: Pick<OutgoingMessage, "key" | "value" | "headers"> | KafkaMessage | ExactMessage,
): number {
  return bytesOf(message.key) + bytesOf(message.value) + headerBytes(message) + 100;
}

/** Allowance for the framing of one header, bytes. */
export const headerFraming = 10;

/** Size of a message's headers in bytes: names, values and an allowance for framing. */
export function headerBytes(message: Pick<OutgoingMessage, "headers"> | KafkaMessage | ExactMessage): number {
  if ("headersBytes" in message && message.headersBytes !== undefined) return message.headersBytes;
  let sum = 0;
  for (const [name, value] of entriesOf(message)) sum += bytesOf(name) + bytesOf(value) + headerFraming;
  return sum;
}

/** The headers of a message byte for byte, whichever kind it is of. */
export function exactHeaders(
  message: Pick<OutgoingMessage, "headers"> | KafkaMessage | ExactMessage,
): readonly ExactHeader[] {
  const exact = exactOf(message);
  if (exact !== undefined) return exact;
  return Array.from(entriesOf(message), ([name, value]) => [
    asBuffer(name),
    value === undefined ? undefined : asBuffer(value),
  ]);
}

/** Text as it is sent. */
export function asBuffer(given: string | Buffer): Buffer {
  return typeof given === "string" ? Buffer.from(given) : given;
}

function bytesOf(given: string | Buffer | undefined): number {
  if (given === undefined) return 0;
  return typeof given === "string" ? Buffer.byteLength(given) : given.length;
}

type Entry = readonly [string | Buffer, string | Buffer | undefined];

function entriesOf(message: Pick<OutgoingMessage, "headers"> | KafkaMessage | ExactMessage): Iterable<Entry> {
  const exact = exactOf(message);
  if (exact !== undefined) return exact;
  const { headers } = message;
  return headers instanceof Map ? headers : Object.entries(headers ?? {});
}

/** The headers of a message that has them byte for byte. */
function exactOf(
  message: Pick<OutgoingMessage, "headers"> | KafkaMessage | ExactMessage,
): readonly ExactHeader[] | undefined {
  if ("exactHeaders" in message && message.exactHeaders !== undefined) return message.exactHeaders;
  return Array.isArray(message.headers) ? message.headers : undefined;
}
