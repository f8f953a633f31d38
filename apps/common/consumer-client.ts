import {
  COOPERATIVE_STICKY_ASSIGNOR,
  Consumer,
  MessagesStreamFallbackModes,
  MessagesStreamModes,
} from "@platformatic/kafka";
import { Backlog } from "./consumer-backlog.ts";
import type { RawConsumer } from "./consumer-records.ts";
import { defaultMaxBytes, Session, type SessionOptions } from "./consumer-session.ts";
import { gather } from "./fetch-patience.ts";
import { beginAtRequested } from "./fetch-position.ts";
import { keepRecords } from "./fetch-response.ts";
import { kafkaTuning } from "./kafka-tuning.ts";
import type { RecordBatch } from "./record-batch.ts";
import { backoffMs } from "./retry.ts";

keepRecords();

/** Joins the group and returns once the first positions are known. @throws when that fails or the signal aborts */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { topic, skipBacklog, autoOffsetReset } = options;
  const consumer = openClient(options);
  const { minBytes = 1, maxWaitMs = kafkaTuning.fetchMaxWaitMs } = options;
  if (minBytes > 1) gather(consumer, { minBytes, maxWaitMs });
  beginAtRequested(consumer);
  if (options.partition !== undefined) keepTo(options.partition, topic, consumer);
  const backlog = new Backlog(options.maxBytes ?? defaultMaxBytes);
  try {
    const stream = await consumer.consume({
      topics: [topic],
      autocommit: false,
      mode: skipBacklog ? MessagesStreamModes.LATEST : MessagesStreamModes.COMMITTED,
      fallbackMode:
        autoOffsetReset === "earliest"
          ? MessagesStreamFallbackModes.EARLIEST
          : MessagesStreamFallbackModes.LATEST,
      highWaterMark: options.maxBatch,
      deserializers: {
        value: (value) => {
          // As the response has it, see keepRecords.
          const batch = value as unknown as RecordBatch;
          backlog.arrived(batch.bytes);
          return batch;
        },
      },
    });
    const session = new Session(consumer, stream, backlog, options);
    await session.positioned();
    // A position at the end is lost with the session unless it is committed, and with it what came in between.
    if (skipBacklog || autoOffsetReset === "latest") await session.commitPositions();
    return session;
  } catch (error) {
    await consumer
      .close(true)
      .catch((err: unknown) => options.log.warn({ err }, "consumer did not close cleanly"));
    throw error;
  }
}

/** The client of one membership in a group; it joins when it begins to consume. */
function openClient(options: SessionOptions): RawConsumer {
  const { groupId, clientId, sessionTimeoutMs } = options;
  return new Consumer({
    groupId,
    clientId,
    bootstrapBrokers: [...options.bootstrapServers],
    autocommit: false,
    sessionTimeout: sessionTimeoutMs,
    rebalanceTimeout: 2 * sessionTimeoutMs,
    heartbeatInterval: options.heartbeatIntervalMs,
    heartbeatStallTimeout: sessionTimeoutMs,
    // Partitions that stay with a member are not interrupted when another one comes or goes.
    protocols: [{ name: COOPERATIVE_STICKY_ASSIGNOR, version: 1 }],
    minBytes: options.minBytes ?? 1,
    maxWaitTime: options.maxWaitMs ?? kafkaTuning.fetchMaxWaitMs,
    maxBytes: options.maxBytes ?? defaultMaxBytes,
    retries: 10,
    retryDelay: (_client, _operation, attempt) => backoffMs(attempt, { baseMs: 100, capMs: 2000 }),
  });
}

/**
 * Keeps a group's only member to one partition. The client gives such a member everything, without asking an assigner;
 * its stream fetches what it is said to be assigned when it hears of that, which is after this.
 */
function keepTo(partition: number, topic: string, consumer: RawConsumer): void {
  consumer.on("consumer:group:join", () => {
    const all = consumer.assignments?.find((each) => each.topic === topic)?.partitions ?? [];
    const own = all.filter((each) => each === partition % all.length);
    consumer.assignments = [{ topic, partitions: own }];
  });
}
