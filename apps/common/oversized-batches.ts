import { randomBytes } from "node:crypto";
import { type Callback, Connection, Reader, type ResponseParser } from "@platformatic/kafka";
import { compressions, decompressedBytes, maxBatchBytes } from "./decompression.ts";
import type { KafkaMessage } from "./kafka-message.ts";

/** API key of a fetch, and the first version that names topics by id, which all brokers of the last years speak. */
const fetch = { apiKey: 1, leastVersion: 13 };
/** What all batches of one response may come to; what is beyond it is fetched anew. */
const maxResponseBytes = 2 * maxBatchBytes;
/** Most messages of a compressed batch: each takes some hundred bytes here, however small it is. */
const maxBatchMessages = 100_000;

/** Places in a record batch, in bytes from its beginning (https://kafka.apache.org/documentation/#recordbatch). */
const at = { length: 8, attributes: 21, lastOffsetDelta: 23, count: 57, records: 61 } as const;
const compressionBits = 0b111;
/** Bytes of a batch before what its length counts. */
const uncounted = 12;

/** Known to this process alone, so that no sender can make a message that looks like one of these. */
const token = randomBytes(16);

/**
 * Why a message is none: it stands for a whole record batch that was not decompressed.
 * @returns undefined for every other message
 */
export function oversizedReason({ key }: KafkaMessage): string | undefined {
  if (key === undefined || !key.subarray(0, token.length).equals(token)) return undefined;
  return key.subarray(token.length).toString();
}

/**
 * Bounds what the client decompresses, which by itself knows no limit: a batch of a megabyte can come to a gigabyte. In
 * a response to a fetch, a batch that comes to too much is replaced by one message whose value is its compressed
 * records, and of which {@link oversizedReason} says what it is.
 */
export function boundDecompression(): void {
  Connection.prototype.send = bounded;
}

const send = Connection.prototype.send;

function bounded<T>(
  this: Connection,
  apiKey: number,
  apiVersion: number,
  payload: Parameters<typeof send>[2],
  parse: ResponseParser<T>,
  requestTags: boolean,
  responseTags: boolean,
  callback: Callback<T>,
): void {
  const checked: ResponseParser<T> = (correlation, key, version, reader) =>
    parse(correlation, key, version, checkedResponse(reader));
  const isFetch = apiKey === fetch.apiKey && apiVersion >= fetch.leastVersion;
  send.call(
    this,
    apiKey,
    apiVersion,
    payload,
    isFetch ? checked : parse,
    requestTags,
    responseTags,
    callback as Callback<unknown>,
  );
}

/** A response to a fetch, as it is unless a batch of it is compressed. */
function checkedResponse(reader: Reader): Reader {
  const records = recordsOf(new Reader(reader.buffer), reader.position);
  const compressed = records.some(({ start, end }) =>
    batchesIn(start, end, (position) => reader.buffer.readInt32BE(position)).some(
      (batch) => (reader.buffer.readInt16BE(batch.start + at.attributes) & compressionBits) !== 0,
    ),
  );
  if (!compressed) return reader;
  const copy = Buffer.from(reader.buffer.slice(0));
  let left = maxResponseBytes;
  for (const { start, end } of records) left = check(copy, start, end, left);
  const result = Reader.from(copy);
  result.position = reader.position;
  return result;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Where the records of each partition are. */
function recordsOf(r: Reader, position: number): Range[] {
  const ranges: Range[] = [];
  r.position = position + 4 + 2 + 4;
  r.readArray(() => {
    r.skip(16);
    r.readArray(
      () => {
        r.skip(4 + 2 + 8 + 8 + 8);
        r.readNullableArray(() => r.skip(16));
        r.skip(4);
        const size = r.readUnsignedVarInt() - 1;
        if (size > 0) {
          ranges.push({ start: r.position, end: r.position + size });
          r.skip(size);
        }
        r.readTaggedFields();
      },
      true,
      false,
    );
  });
  return ranges;
}

/** The whole batches in a partition's records; the last one can be cut off. */
function batchesIn(start: number, end: number, readInt32: (position: number) => number): Range[] {
  const batches: Range[] = [];
  for (let from = start; from + at.records <= end; ) {
    const to = from + uncounted + readInt32(from + at.length);
    if (to > end) break;
    batches.push({ start: from, end: to });
    from = to;
  }
  return batches;
}

/** Replaces what is too large, and ends the records where the response comes to too much. @returns what is left */
function check(bytes: Buffer, start: number, end: number, mostBytes: number): number {
  let left = mostBytes;
  for (const batch of batchesIn(start, end, (position) => bytes.readInt32BE(position))) {
    const kind = compressions[bytes.readInt16BE(batch.start + at.attributes) & compressionBits] ?? "none";
    if (kind === "none") continue;
    const count = bytes.readInt32BE(batch.start + at.count);
    const records = bytes.subarray(batch.start + at.records, batch.end);
    const size = decompressedBytes(kind, records);
    if (size === undefined || count > maxBatchMessages) {
      const limits = `${maxBatchBytes} bytes or ${maxBatchMessages} messages`;
      replace(
        bytes,
        batch,
        `a batch of ${count} messages, compressed by ${kind}, is damaged or comes to more than ${limits}`,
      );
      continue;
    }
    if (size > left) {
      // A batch that is longer than what there is counts as cut off, and is fetched anew.
      bytes.writeInt32BE(0x7fffffff, batch.start + at.length);
      return left;
    }
    left -= size;
  }
  return left;
}

/** Makes a batch one message at its last offset, which takes as many bytes as its records did. */
function replace(bytes: Buffer, { start, end }: Range, reason: string): void {
  const attributes = bytes.readInt16BE(start + at.attributes);
  bytes.writeInt16BE(attributes & ~compressionBits, start + at.attributes);
  bytes.writeInt32BE(1, start + at.count);
  const data = Buffer.from(bytes.subarray(start + at.records, end));
  const key = Buffer.concat([token, Buffer.from(reason)]);
  const head = [
    Buffer.from([0, 0]),
    varint(bytes.readInt32BE(start + at.lastOffsetDelta)),
    varint(key.length),
    key,
  ];
  const overhead = 5 + Buffer.concat(head).length + 5 + 1;
  const value = data.subarray(0, data.length - overhead);
  const record = Buffer.concat([
    varint(data.length - 5),
    ...head,
    varint(value.length),
    value,
    Buffer.from([0]),
  ]);
  record.copy(bytes, start + at.records);
}

/** A number as Kafka writes it in records, in five bytes however small it is. */
function varint(number: number): Buffer {
  const zigzag = BigInt(number) * 2n;
  return Buffer.from(
    [0n, 7n, 14n, 21n, 28n].map((shift) => Number((zigzag >> shift) & 0x7fn) | (shift === 28n ? 0 : 0x80)),
  );
}
