import { ProduceAcks, Producer } from "@platformatic/kafka";
import { writeExactTimes } from "./exact-times.ts";
import { asBuffer, type ExactMessage, exactHeaders, type OutgoingMessage, sizeOf } from "./kafka-message.ts";
import { kafkaTuning } from "./kafka-tuning.ts";
import type { Logger } from "./logging.ts";
import { backoffMs, settlesWithin } from "./retry.ts";
import { isRefused, isTooLarge, MessageTooLargeError } from "./send-errors.ts";
import { type Done, SendQueue } from "./send-queue.ts";
import { SendWatch } from "./send-watch.ts";

writeExactTimes();

export { MessageTooLargeError } from "./send-errors.ts";
export { BufferFullError } from "./send-queue.ts";

export interface KafkaProducerOptions {
  /** `host:port` of every broker. */
  readonly bootstrapServers: readonly string[];
  readonly clientId: string;
  /**
   * Largest request in bytes. It must not exceed the `max.message.bytes` of any topic written to, since all of a
   * request can end up in one record batch. 900 KiB by default, below Kafka's own default for topics.
   */
  readonly maxRequestBytes?: number;
  /** What may wait for brokers in all, in bytes; 32 MiB by default. */
  readonly maxBufferedBytes?: number;
  /** What an acknowledgement means: all in-sync replicas have the message (the default), or the leader alone has. */
  readonly acks?: "all" | "leader";
  readonly log?: Logger;
  /** Told of each attempt that failed and will be made again. */
  readonly onRetry?: () => void;
  /** Told when messages wait longer than `unsentMs`, with the reason, and with undefined when they go on; for `/healthz`. */
  readonly onState?: (problem: string | undefined) => void;
  /** How long a message may wait for its acknowledgement before the log and `onState` say so, ms; 10 000 by default. */
  readonly unsentMs?: number;
  /** How often it looks who leads the topics that it writes to, and how many partitions they have, ms; 5000 by default. */
  readonly lookEveryMs?: number;
}

export interface KafkaProducer {
  /**
   * Resolves when every in-sync replica has the message. Goes on trying for as long as that may still succeed.
   * @throws {BufferFullError} at once when too much is waiting; {@link MessageTooLargeError} when its topic does not
   *   take it; another error when the brokers refuse it for good or the producer is closed
   */
  send(message: OutgoingMessage | ExactMessage): Promise<void>;
  /** As {@link send}, for messages by the thousand: `done` is told what a promise would be. */
  post(message: OutgoingMessage | ExactMessage, done: Done): void;
  /** Bytes accepted and not yet acknowledged. */
  readonly bufferedBytes: number;
  /** Resolves when nothing is waiting any more. */
  flush(): Promise<void>;
  /** Sends what is waiting, up to `flushMs` (10 s by default), gives up the rest and disconnects. */
  close(flushMs?: number): Promise<void>;
}

const acksOf = { all: ProduceAcks.ALL, leader: ProduceAcks.LEADER } as const;
const retryBackoff = { baseMs: 50, capMs: 2000 };
/**
 * Attempts of the client itself, which neither lose nor repeat a message but stay with the leader that the first
 * message of a group had when the group was formed. What they do not mend, the queue sends again to today's leaders.
 */
const clientRetries = 3;
/**
 * How often the client looks again who leads the partitions, and how many there are, while messages are sent, ms. Its own
 * look, when what it knows is older than it may be, comes in front of a message: every fiftieth of ten a second was late
 * by it. So it looks beside them, and what it knows may be as old as Kafka's own default allows.
 */
const defaultLookEveryMs = 5000;
const metadataMaxAgeMs = 300_000;
/** A broker that is cut off says nothing; brokers that live answer within the 5 s that the client gives them. */
const requestTimeoutMs = 10_000;

/**
 * A producer with acks=all and idempotence. What is sent anew, because the client gave up or because one message of a
 * group was refused, can be repeated: delivery is at least once, in order. It connects when it first sends.
 */
export function createProducer(options: KafkaProducerOptions): KafkaProducer {
  const {
    bootstrapServers,
    clientId,
    log,
    onRetry,
    onState,
    unsentMs = 10_000,
    lookEveryMs = defaultLookEveryMs,
    acks = kafkaTuning.acks,
    maxRequestBytes = 900 * 1024,
    maxBufferedBytes = 32 * 1024 * 1024,
  } = options;
  const client = new Producer({
    clientId,
    bootstrapBrokers: [...bootstrapServers],
    idempotent: kafkaTuning.idempotent && acks === "all",
    acks: acksOf[acks],
    metadataMaxAge: metadataMaxAgeMs,
    requestTimeout: requestTimeoutMs,
    retries: clientRetries,
    retryDelay: (_client, _operation, attempt) => {
      onRetry?.();
      return backoffMs(attempt, retryBackoff);
    },
  });
  const queue = new SendQueue<OutgoingMessage | ExactMessage>({
    maxRequestBytes,
    maxBufferedBytes,
    sizeOf,
    isRefused,
    refusal: (cause, message) =>
      isTooLarge(cause) ? new MessageTooLargeError(message.topic, sizeOf(message), { cause }) : cause,
    backoff: retryBackoff,
    onRetry: (error) => {
      onRetry?.();
      watch.failed(error);
      // Otherwise the group would be formed by what the client knew before.
      client.clearMetadata();
    },
    send: async (messages) => {
      await client.send({ messages: messages.map(toRecord) });
    },
  });
  const written = new Set<string>();
  const looking = setInterval(() => {
    if (written.size === 0) return;
    const topics = [...written];
    written.clear();
    // Where it fails, messages do as well, and these are sent until they succeed.
    const failed = (err: unknown) => log?.debug({ err, topics }, "leaders could not be looked up");
    client.metadata({ topics, forceUpdate: true }).catch(failed);
  }, lookEveryMs);
  const watch = new SendWatch({ oldestMs: () => queue.oldestMs, limitMs: unsentMs, log, onState });
  const note = ({ topic }: OutgoingMessage | ExactMessage) => {
    written.add(topic);
    watch.pushed();
  };
  return {
    send: (message) => {
      const sent = queue.push(message);
      note(message);
      return sent;
    },
    post: (message, done) => {
      queue.post(message, done);
      note(message);
    },
    get bufferedBytes() {
      return queue.bufferedBytes;
    },
    flush: () => queue.flush(),
    close: async (flushMs = 10_000) => {
      await settlesWithin(queue.flush(), flushMs);
      watch.stop();
      clearInterval(looking);
      queue.close(new Error("the producer was closed before Kafka took the message"));
      // Closing ends the client's own retries.
      await client.close(true);
    },
  };
}

function toRecord(message: OutgoingMessage | ExactMessage) {
  const { topic, key, value } = message;
  return {
    topic,
    ...(key === undefined ? {} : { key: asBuffer(key) }),
    ...("partition" in message && message.partition !== undefined ? { partition: message.partition } : {}),
    ...(value === undefined ? {} : { value: asBuffer(value) }),
    // The client writes what it is given, null values too, though its types know of none.
    headers: new Map(exactHeaders(message) as [Buffer, Buffer][]),
    ...("timestampMs" in message && message.timestampMs !== undefined
      ? { timestamp: BigInt(message.timestampMs) }
      : {}),
  };
}
