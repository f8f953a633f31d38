import {
  type Callback,
  Connection,
  compressionsAlgorithms,
  Reader,
  type RecordsBatch,
  type ResponseParser,
} from "@platformatic/kafka";
import { compressions, decompressedBytes, maxBatchBytes } from "./decompression.ts";
import { type BatchHead, batchesIn, RecordBatch } from "./record-batch.ts";

/**
 * API key of a fetch, and the first version that names topics by id, which brokers speak since Kafka 3.1.
 * https://kafka.apache.org/protocol#The_Messages_Fetch
 */
const fetch = { apiKey: 1, leastVersion: 13 };
/** What all batches of one response may come to; what is beyond it is fetched anew. */
const maxResponseBytes = 2 * maxBatchBytes;
/** Most messages of a compressed batch: a megabyte of it can hold millions that say nothing. */
const maxBatchMessages = 100_000;

/** What the client gives of a response to a fetch, as far as it is of interest here. */
interface Response {
  readonly responses: readonly {
    readonly partitions: readonly { records?: RecordsBatch[] | null }[];
  }[];
}

/**
 * Has every connection of this process keep the records of a fetch as they came: to the client and its stream a batch is
 * one message, whose value is a {@link RecordBatch}. It also bounds what is decompressed, for which the client has no
 * limit: a batch of a megabyte can come to a gigabyte. A batch that comes to too much stands for itself, unread.
 */
export function keepRecords(): void {
  Connection.prototype.send = keeping;
}

const send = Connection.prototype.send;

function keeping<T>(
  this: Connection,
  apiKey: number,
  apiVersion: number,
  payload: Parameters<typeof send>[2],
  parse: ResponseParser<T>,
  requestTags: boolean,
  responseTags: boolean,
  callback: Callback<T>,
): void {
  if (apiKey === fetch.apiKey && apiVersion < fetch.leastVersion) {
    const problem = `a broker speaks version ${apiVersion} of fetch; Kafka 3.1 and later speak more`;
    callback(new RangeError(problem), undefined as T);
    return;
  }
  const kept: ResponseParser<T> = (correlation, key, version, reader) => {
    const { records, rest } = split(reader);
    const response = parse(correlation, key, version, rest);
    attach(response as Response, records);
    return response;
  };
  const parser = apiKey === fetch.apiKey ? kept : parse;
  const done = callback as Callback<unknown>;
  send.call(this, apiKey, apiVersion, payload, parser, requestTags, responseTags, done);
}

/** The records of each partition of a response, in its order, and the response without them. */
function split(reader: Reader): { records: readonly Buffer[]; rest: Reader } {
  const bytes = reader.buffer.slice(0);
  const r = new Reader(reader.buffer);
  const records: Buffer[] = [];
  const parts: Buffer[] = [];
  let from = reader.position;
  // Throttling time, error code and session id come first.
  r.position = from + 4 + 2 + 4;
  r.readArray(() => {
    r.skip(16);
    r.readArray(
      () => {
        r.skip(4 + 2 + 8 + 8 + 8);
        r.readNullableArray(() => r.skip(16));
        r.skip(4);
        const at = r.position;
        const size = r.readUnsignedVarInt() - 1;
        records.push(size > 0 ? bytes.subarray(r.position, r.position + size) : none);
        if (size > 0) {
          r.skip(size);
          parts.push(bytes.subarray(from, at), noRecords);
          from = r.position;
        }
        r.readTaggedFields();
      },
      true,
      false,
    );
  });
  return { records, rest: Reader.from(Buffer.concat([...parts, bytes.subarray(from)])) };
}

const none = Buffer.alloc(0);
/** The length of no records, plus one as everywhere in the protocol. */
const noRecords = Buffer.from([1]);

function attach({ responses }: Response, records: readonly Buffer[]): void {
  let left = maxResponseBytes;
  const partitions = responses.flatMap((each) => each.partitions);
  for (const [index, partition] of partitions.entries()) {
    const kept = batchesIn(records[index] ?? none);
    if (kept.length === 0) continue;
    partition.records = [];
    for (const head of kept) {
      const batch = uncompressed(head, left);
      if (batch === undefined) break;
      left -= head.compression === 0 ? 0 : batch.bytes;
      partition.records.push(asMessage(head, batch));
    }
  }
}

/** A batch as it can be read; undefined when that is more than `mostBytes`. */
function uncompressed(head: BatchHead, mostBytes: number): RecordBatch | undefined {
  const kind = compressions[head.compression] ?? "none";
  if (kind === "none") return new RecordBatch(head, head.records);
  const size = decompressedBytes(kind, head.records);
  if (size === undefined || head.count > maxBatchMessages) {
    const limits = `${maxBatchBytes} bytes or ${maxBatchMessages} messages`;
    const reason = `a batch of ${head.count} messages, compressed by ${kind}, is damaged or comes to more than ${limits}`;
    return new RecordBatch(head, head.records, reason);
  }
  if (size > mostBytes) return undefined;
  return new RecordBatch(head, compressionsAlgorithms[kind].decompressSync(head.records));
}

/** A batch as the client has batches: with one message, at its last offset. */
function asMessage(head: BatchHead, batch: RecordBatch): RecordsBatch {
  const { firstOffset, lastOffsetDelta, attributes } = head;
  return {
    firstOffset,
    lastOffsetDelta,
    attributes,
    ...unsaid,
    records: [
      {
        length: 0,
        attributes: 0,
        timestampDelta: 0n,
        offsetDelta: lastOffsetDelta,
        key: null,
        // Nothing looks into it on its way through the client.
        value: batch as unknown as Buffer,
        headers: [],
      },
    ],
  };
}

/** What the client's stream does not ask for. */
const unsaid = {
  length: 0,
  partitionLeaderEpoch: -1,
  magic: 2,
  crc: 0,
  firstTimestamp: 0n,
  maxTimestamp: 0n,
  producerId: -1n,
  producerEpoch: -1,
  firstSequence: -1,
} as const;
