import { findErrorBy, ProduceAcks, Producer } from "@platformatic/kafka";
import { type OutgoingMessage, sizeOf } from "./kafka-message.ts";
import { kafkaTuning } from "./kafka-tuning.ts";
import type { Logger } from "./logging.ts";
import { backoffMs } from "./retry.ts";
import { SendQueue } from "./send-queue.ts";

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
  readonly log?: Logger;
  /** Told of each attempt that failed and will be made again. */
  readonly onRetry?: () => void;
}

export interface KafkaProducer {
  /**
   * Resolves when every in-sync replica has the message. Goes on trying for as long as that may still succeed.
   * @throws {BufferFullError} at once when too much is waiting; an error when the brokers refuse the message for good
   */
  send(message: OutgoingMessage): Promise<void>;
  /** Bytes accepted and not yet acknowledged. */
  readonly bufferedBytes: number;
  /** Resolves when nothing is waiting any more. */
  flush(): Promise<void>;
  /** Sends what is waiting, up to `flushMs` (10 s by default), gives up the rest and disconnects. */
  close(flushMs?: number): Promise<void>;
}

const acksOf = { all: ProduceAcks.ALL } as const;
const retryBackoff = { baseMs: 50, capMs: 2000 };

/**
 * A producer with acks=all and idempotence: the client's own retries neither lose nor repeat nor reorder messages.
 * What is sent anew in smaller groups, because one was too large, can be repeated: delivery is at least once. It
 * connects when it first sends.
 */
export function createProducer(options: KafkaProducerOptions): KafkaProducer {
  const {
    bootstrapServers,
    clientId,
    log,
    onRetry,
    maxRequestBytes = 900 * 1024,
    maxBufferedBytes = 32 * 1024 * 1024,
  } = options;
  const client = new Producer({
    clientId,
    bootstrapBrokers: [...bootstrapServers],
    idempotent: kafkaTuning.idempotent,
    acks: acksOf[kafkaTuning.acks],
    retries: Number.MAX_SAFE_INTEGER,
    retryDelay: (_client, operation, attempt, _retries, err) => {
      const pauseMs = backoffMs(attempt, retryBackoff);
      onRetry?.();
      if (attempt % 10 === 1)
        log?.warn({ err, operation, attempt, pauseMs }, "Kafka is not reachable; trying again");
      return pauseMs;
    },
  });
  const queue = new SendQueue<OutgoingMessage>({
    maxRequestBytes,
    maxBufferedBytes,
    sizeOf,
    isDivisible: (error) => isTooLarge(error),
    send: async (messages) => {
      await client.send({ messages: messages.map(toRecord) });
    },
  });
  return {
    send: (message) => queue.push(message),
    get bufferedBytes() {
      return queue.bufferedBytes;
    },
    flush: () => queue.flush(),
    close: async (flushMs = 10_000) => {
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, flushMs);
      await Promise.race([queue.flush(), late.promise]);
      clearTimeout(timer);
      // Closing ends the client's retries, so whatever is still waiting rejects.
      await client.close(true);
    },
  };
}

function isTooLarge(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"].some(
    (id) => findErrorBy(error, "apiId", id) !== null,
  );
}

function toRecord({ topic, key, value, headers = {} }: OutgoingMessage) {
  const pairs = Object.entries(headers).map(([name, text]): [Buffer, Buffer] => [
    Buffer.from(name),
    bytesOf(text),
  ]);
  return {
    topic,
    ...(key === undefined ? {} : { key: bytesOf(key) }),
    value: bytesOf(value),
    headers: new Map(pairs),
  };
}

function bytesOf(text: string | Buffer): Buffer {
  return typeof text === "string" ? Buffer.from(text) : text;
}
