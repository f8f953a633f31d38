import { nowUs } from "../../apps/common/clock.ts";
import { consumeBatches, createProducer } from "../../apps/common/kafka.ts";
import { headerText } from "../../apps/common/kafka-message.ts";
import { createLogger } from "../../apps/common/logging.ts";
import { createMetrics } from "../../apps/common/metrics.ts";

/** A frame as it was read: its number and how long it took from capture to here. */
export interface Arrival {
  readonly camera: string;
  readonly seq: number;
  readonly latencyMs: number;
  readonly bytes: number;
}

/** Reads frames from the end of a topic on, whoever sent them. */
export async function followFrames(bootstrapServers: readonly string[], topic: string) {
  const arrivals: Arrival[] = [];
  const ending = new AbortController();
  const log = createLogger({ app: "bench", level: "error", environment: "bench" });
  const common = { bootstrapServers, clientId: "bench-consumer", log };
  const deadLetters = createProducer(common);
  const consumer = consumeBatches({
    ...common,
    metrics: createMetrics("bench"),
    groupId: `${topic}-consumer`,
    topic,
    autoOffsetReset: "latest",
    skipBacklog: true,
    maxBatch: 256,
    deadLetters,
    signal: ending.signal,
    onBatch: async (messages) => {
      const us = nowUs();
      for (const message of messages) {
        arrivals.push({
          camera: headerText(message, "camera") ?? "",
          seq: Number(headerText(message, "seq")),
          latencyMs: (us - Number(headerText(message, "captured-us"))) / 1000,
          bytes: message.value?.length ?? 0,
        });
      }
      return [];
    },
  });
  await consumer.ready;
  return {
    /** What has come since it was asked last. */
    take: (): Arrival[] => arrivals.splice(0),
    close: async () => {
      ending.abort();
      await consumer.done;
      await deadLetters.close(0);
    },
  };
}
