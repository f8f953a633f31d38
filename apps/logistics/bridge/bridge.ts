import { Batcher } from "../../common/batcher.ts";
import type { Documents } from "../../common/documents.ts";
import type { OutgoingMessage } from "../../common/kafka-message.ts";
import type { MqttMessage } from "../../common/mqtt.ts";
import { deadLetterName } from "../../common/topics.ts";
import { collections, type RawDocument, type Reading, type ReadingDocument } from "../contract.ts";
import { normalise, type Refusal, RefusedError, type Rules } from "./normalise.ts";

export interface BridgeOptions extends Omit<Rules, "nowMs"> {
  /** Kafka's topic of the readings. */
  readonly topic: string;
  readonly documents: Pick<Documents, "insertNew">;
  /** Resolves when every in-sync replica has the message. */
  readonly send: (message: OutgoingMessage) => Promise<void>;
  /** Told of each message that both have. */
  readonly onBridged: () => void;
  readonly onRefused: (refusal: Refusal) => void;
  /** Told how many documents were there already. */
  readonly onDuplicates: (documents: number) => void;
  /** ms since the epoch. */
  readonly now: () => number;
}

/** Messages that are written together at most; as many are never in hand, since a lane has one of them at a time. */
const maxBatch = 100;
/** What is left of a refused payload in its dead letter, bytes. */
const cut = 32 * 1024;
const maxReason = 1000;

/**
 * What is done with a message from MQTT: it resolves when the document store and Kafka have it, or when Kafka has its
 * dead letter. A message that comes again is in the document store once.
 */
export function bridge(options: BridgeOptions): (message: MqttMessage) => Promise<void> {
  const { topic, documents, send, onBridged, onRefused, onDuplicates, now } = options;
  const write = async (items: readonly { reading: ReadingDocument; raw: RawDocument }[]) => {
    // One message can be among them twice, once by either of two connections.
    const byId = [...new Map(items.map((item) => [item.raw._id, item])).values()];
    // The reading last: where it is, what it was made of is, too.
    await documents.insertNew(
      collections.raw,
      byId.map(({ raw }) => raw),
    );
    const added = await documents.insertNew(
      collections.readings,
      byId.map(({ reading }) => reading),
    );
    onDuplicates(items.length - added);
    return items;
  };
  const batcher = new Batcher(write, maxBatch);
  return async (message) => {
    const nowMs = now();
    let normal: ReturnType<typeof normalise>;
    try {
      normal = normalise(message, { ...options, nowMs });
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      await send(deadLetter(topic, message, error));
      onRefused(error.refusal);
      return;
    }
    const { reading, raw } = normal;
    const receivedAt = new Date(nowMs);
    await Promise.all([
      batcher.submit({ reading: documentOf(reading, receivedAt), raw: { ...raw, receivedAt } }),
      send({ topic, key: reading.sensor, value: JSON.stringify(reading) }),
    ]);
    onBridged();
  };
}

function documentOf({ id, ts, sensor, value }: Reading, receivedAt: Date): ReadingDocument {
  return { _id: id, ts: new Date(ts), sensor, value, receivedAt };
}

/** The payload as it came, or where it is larger than a dead letter can be its beginning, and why it is there. */
function deadLetter(
  topic: string,
  { topic: from, payload }: MqttMessage,
  error: RefusedError,
): OutgoingMessage {
  const headers = {
    "dlq-reason": error.message.slice(0, maxReason),
    "dlq-topic": from,
    ...(payload.length > cut ? { "dlq-truncated": "true", "dlq-size": String(payload.length) } : {}),
  };
  return { topic: deadLetterName(topic), key: from, value: payload.subarray(0, cut), headers };
}
