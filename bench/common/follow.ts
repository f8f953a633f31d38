import { consumeBatches, createProducer, type KafkaMessage } from "../../apps/common/kafka.ts";
import { createLogger } from "../../apps/common/logging.ts";
import { createMetrics } from "../../apps/common/metrics.ts";

/**
 * Reads a topic from its end on, for a bench: resolves when it reads.
 * @returns the client that it would send dead letters by, which may send other messages too, and what ends both
 */
export async function follow(
  bootstrapServers: readonly string[],
  { clientId, groupId, topic }: { clientId: string; groupId: string; topic: string },
  onMessages: (messages: readonly KafkaMessage[]) => void,
) {
  const ending = new AbortController();
  const log = createLogger({ app: "bench", level: "error", environment: "bench" });
  const common = { bootstrapServers, clientId, log };
  const producer = createProducer(common);
  const consumer = consumeBatches({
    ...common,
    metrics: createMetrics("bench"),
    groupId,
    topic,
    autoOffsetReset: "latest",
    skipBacklog: true,
    maxBatch: 256,
    deadLetters: producer,
    signal: ending.signal,
    onBatch: async (messages) => {
      onMessages(messages);
      return [];
    },
  });
  await consumer.ready;
  const close = async (): Promise<void> => {
    ending.abort();
    await consumer.done;
    await producer.close(0);
  };
  return { producer, close };
}
