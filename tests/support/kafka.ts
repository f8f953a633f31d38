import { consumeBatches, createProducer, type KafkaMessage } from "../../apps/common/kafka.ts";
import { createLogger } from "../../apps/common/logging.ts";
import { createMetrics } from "../../apps/common/metrics.ts";

/**
 * Reads a topic from its beginning until a message is the one looked for, and returns that one.
 * @throws when it has not come within `seconds`
 */
export async function findMessage(
  bootstrapServers: readonly string[],
  topic: string,
  wanted: (message: KafkaMessage) => boolean,
  seconds: number,
): Promise<KafkaMessage> {
  return readUntil(bootstrapServers, topic, wanted, seconds);
}

/**
 * How many different ids (of their header `id`) the first `total` messages of a topic have. A producer that did not hear
 * of an acknowledgement sends again, so that there may be more messages than ids.
 * @throws when there are not as many within `seconds`
 */
export async function distinctIds(
  bootstrapServers: readonly string[],
  topic: string,
  total: number,
  seconds: number,
): Promise<number> {
  if (total === 0) return 0;
  const ids = new Set<string>();
  let read = 0;
  const isLast = ({ headers }: KafkaMessage) => {
    ids.add(String(headers.get("id")));
    read += 1;
    return read === total;
  };
  await readUntil(bootstrapServers, topic, isLast, seconds);
  return ids.size;
}

async function readUntil(
  bootstrapServers: readonly string[],
  topic: string,
  isLast: (message: KafkaMessage) => boolean,
  seconds: number,
): Promise<KafkaMessage> {
  const found = Promise.withResolvers<KafkaMessage>();
  const end = new AbortController();
  const common = {
    bootstrapServers,
    clientId: "lab-test",
    log: createLogger({ app: "lab-test", level: "fatal", environment: "test" }),
  };
  const deadLetters = createProducer(common);
  const consumer = consumeBatches({
    ...common,
    groupId: `lab-test-${process.pid}-${Date.now()}`,
    topic,
    autoOffsetReset: "earliest",
    maxBatch: 100,
    onBatch: async (messages) => {
      for (const message of messages) if (isLast(message)) found.resolve(message);
      return [];
    },
    deadLetters,
    metrics: createMetrics("lab-test"),
    signal: end.signal,
  });
  const timer = setTimeout(
    () => found.reject(new Error(`no such message in ${topic} within ${seconds} s`)),
    seconds * 1000,
  );
  try {
    return await found.promise;
  } finally {
    clearTimeout(timer);
    end.abort();
    await consumer.done.catch(() => {});
    await deadLetters.close();
  }
}
