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
      for (const message of messages) if (wanted(message)) found.resolve(message);
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
