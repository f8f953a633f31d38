/**
 * Messages as they lie in a batch of records
 * (https://kafka.apache.org/documentation/#recordbatch, format 2). The client makes some twenty objects of each message
 * before anybody has looked at it; here it is two, and what is asked for.
 */
import { type ExactHeader, headerFraming, type KafkaMessage } from "./kafka-message.ts";

/** Places in a batch, in bytes from its beginning. */
const at = {
  firstOffset: 0,
  length: 8,
  magic: 16,
  attributes: 21,
  lastOffsetDelta: 23,
  firstTimestamp: 27,
  maxTimestamp: 35,
  count: 57,
  records: 61,
} as const;
/** Bytes of a batch before what its length counts. */
const uncounted = 12;
const magic = 2;
const attribute = { compression: 0b111, logAppendTime: 0b1000 } as const;

/** What a batch says of itself, and where its records are. */
export interface BatchHead {
  readonly firstOffset: bigint;
  readonly lastOffsetDelta: number;
  /** Of the first message, ms since the epoch. */
  readonly firstTimestamp: number;
  readonly attributes: number;
  /** Which compression its records have: 0 for none. */
  readonly compression: number;
  /** That of all its messages, ms since the epoch, where the topic keeps the time of arrival. */
  readonly arrivalMs: number | undefined;
  readonly count: number;
  readonly records: Buffer;
}

/** The whole batches in the records of a partition; the last one can be cut off. @throws {RangeError} for another format */
export function batchesIn(bytes: Buffer): BatchHead[] {
  const batches: BatchHead[] = [];
  for (let from = 0; from + at.records <= bytes.length; ) {
    const to = from + uncounted + bytes.readInt32BE(from + at.length);
    if (to > bytes.length) break;
    batches.push(headOf(bytes.subarray(from, to)));
    from = to;
  }
  return batches;
}

function headOf(batch: Buffer): BatchHead {
  const format = batch.readInt8(at.magic);
  if (format !== magic) throw new RangeError(`a record batch of format ${format}; ${magic} is expected`);
  const attributes = batch.readInt16BE(at.attributes);
  const hasArrival = (attributes & attribute.logAppendTime) !== 0;
  return {
    attributes,
    firstOffset: batch.readBigInt64BE(at.firstOffset),
    lastOffsetDelta: batch.readInt32BE(at.lastOffsetDelta),
    firstTimestamp: Number(batch.readBigInt64BE(at.firstTimestamp)),
    compression: attributes & attribute.compression,
    arrivalMs: hasArrival ? Number(batch.readBigInt64BE(at.maxTimestamp)) : undefined,
    count: batch.readInt32BE(at.count),
    records: batch.subarray(at.records),
  };
}

/** The messages of a batch, one after the other. */
export class RecordBatch {
  /** Of all its messages together, as they are held in memory. */
  readonly bytes: number;
  readonly #head: BatchHead;
  readonly #reader: RecordReader;
  readonly #unreadable: string | undefined;
  #left: number;
  #from = -1n;

  /**
   * @param records uncompressed
   * @param unreadable why the batch stands for itself, as one message whose value is its records, instead of for its
   *   messages
   */
  constructor(head: BatchHead, records: Buffer, unreadable?: string) {
    this.bytes = records.length;
    this.#head = head;
    this.#reader = new RecordReader(records);
    this.#unreadable = unreadable;
    this.#left = unreadable === undefined ? head.count : 1;
  }

  /** Passes over messages before this offset. */
  startAt(offset: bigint): void {
    this.#from = offset;
  }

  /** The next message; undefined when there are no more. @throws {RangeError} when the records are damaged */
  next(topic: string, partition: number): KafkaMessage | undefined {
    while (this.#left > 0) {
      this.#left -= 1;
      const message =
        this.#unreadable === undefined
          ? new FetchedMessage(topic, partition, this.#head, this.#reader)
          : this.#whole(topic, partition, this.#unreadable);
      if (message.offset >= this.#from) return message;
    }
    return undefined;
  }

  /** At the last offset, so that the next batch follows it. */
  #whole(topic: string, partition: number, unreadable: string): KafkaMessage {
    const { firstOffset, lastOffsetDelta, firstTimestamp, arrivalMs } = this.#head;
    return {
      topic,
      partition,
      offset: firstOffset + BigInt(lastOffsetDelta),
      timestampMs: arrivalMs ?? firstTimestamp,
      key: undefined,
      value: this.#reader.bytes,
      headers: new Map(),
      exactHeaders: [],
      unreadable,
    };
  }
}

/** A message in the bytes of its batch; its parts are cut out when they are asked for. */
class FetchedMessage implements KafkaMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly timestampMs: number;
  readonly value: Buffer | undefined;
  readonly headersBytes: number;
  /** Where its parts are: bytes of the batch. */
  readonly #bytes: Buffer;
  readonly #keyLength: number;
  readonly #keyEnd: number;
  readonly #headersStart: number;
  #headers: ReadonlyMap<string, Buffer> | undefined;

  /** Reads the next record. @throws {RangeError} when it is damaged */
  constructor(topic: string, partition: number, head: BatchHead, reader: RecordReader) {
    this.topic = topic;
    this.partition = partition;
    this.#bytes = reader.bytes;
    const length = reader.number();
    const end = reader.position + length;
    // Its attributes say nothing.
    reader.jump(reader.position + 1);
    const sentMs = head.firstTimestamp + reader.number();
    this.timestampMs = head.arrivalMs ?? sentMs;
    this.offset = head.firstOffset + BigInt(reader.number());
    this.#keyLength = reader.pass();
    this.#keyEnd = reader.position;
    const valueLength = reader.pass();
    this.value = cut(reader.bytes, reader.position, valueLength);
    this.#headersStart = reader.position;
    const headers = reader.number();
    this.headersBytes = end - this.#headersStart + headers * headerFraming;
    reader.jump(end);
  }

  get key(): Buffer | undefined {
    return cut(this.#bytes, this.#keyEnd, this.#keyLength);
  }

  get headers(): ReadonlyMap<string, Buffer> {
    this.#headers ??= this.#named();
    return this.#headers;
  }

  get exactHeaders(): readonly ExactHeader[] {
    const reader = new RecordReader(this.#bytes, this.#headersStart);
    return Array.from({ length: reader.number() }, () => {
      const name = reader.part() ?? nothing;
      return [name, reader.part()] as const;
    });
  }

  #named(): Map<string, Buffer> {
    const reader = new RecordReader(this.#bytes, this.#headersStart);
    const named = new Map<string, Buffer>();
    for (let left = reader.number(); left > 0; left -= 1) {
      const length = Math.max(0, reader.pass());
      const name = this.#bytes.toString("utf8", reader.position - length, reader.position);
      named.set(name, reader.part() ?? nothing);
    }
    return named;
  }
}

const nothing = Buffer.alloc(0);

/** @param length −1 stands for null */
function cut(bytes: Buffer, end: number, length: number): Buffer | undefined {
  return length < 0 ? undefined : bytes.subarray(end - length, end);
}

/** Most bytes of a number of 64 bits. */
const mostVarintBytes = 10;

/** Reads a record part by part. */
class RecordReader {
  readonly bytes: Buffer;
  position: number;

  constructor(bytes: Buffer, position = 0) {
    this.bytes = bytes;
    this.position = position;
  }

  /**
   * A number of varying length: seven bits a byte, the lowest first, the sign in the lowest of all. Exact within ±2⁵²,
   * which is more than lengths and times are.
   */
  number(): number {
    let unsigned = 0;
    let scale = 1;
    for (let count = 0; count < mostVarintBytes; count += 1) {
      const byte = this.bytes[this.position];
      if (byte === undefined) break;
      this.position += 1;
      unsigned += (byte & 0x7f) * scale;
      if (byte < 0x80) return unsigned % 2 === 0 ? unsigned / 2 : -(unsigned + 1) / 2;
      scale *= 128;
    }
    throw new RangeError(`a record is damaged: no number at byte ${this.position} of its batch`);
  }

  /** Passes over a part. @returns its length, which is before it; −1 for null */
  pass(): number {
    const length = this.number();
    if (length >= 0) this.jump(this.position + length);
    return length;
  }

  part(): Buffer | undefined {
    const length = this.pass();
    return cut(this.bytes, this.position, length);
  }

  jump(position: number): void {
    if (position < this.position || position > this.bytes.length) {
      throw new RangeError(`a record is damaged: it ends at byte ${position} of ${this.bytes.length}`);
    }
    this.position = position;
  }
}
