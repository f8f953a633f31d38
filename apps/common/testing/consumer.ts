import { type BatchConsumer, type BatchConsumerOptions, consumeBatches, createProducer } from "../kafka.ts";
import { createLogger } from "../logging.ts";
import { createMetrics } from "../metrics.ts";

/** A consumer that notes what it handled; what a test does not say is as in {@link noting}. */
export interface NotingConsumer extends BatchConsumer {
  /** `partition:offset` of every message handled, in order. */
  readonly handled: readonly string[];
  /** Ends it as SIGTERM ends an app. */
  end(): Promise<void>;
}

type Given = Pick<BatchConsumerOptions, "bootstrapServers" | "topic" | "groupId"> &
  Partial<BatchConsumerOptions>;

/** Consumes from the beginning, heartbeats often, and reports nothing to anybody. */
export function noting(given: Given): NotingConsumer {
  const handled: string[] = [];
  const ending = new AbortController();
  const log = createLogger({ app: "test", level: "fatal", environment: "test" });
  const deadLetters = createProducer({ ...given, clientId: "test", log });
  const consumer = consumeBatches({
    clientId: "test",
    autoOffsetReset: "earliest",
    maxBatch: 100,
    heartbeatIntervalMs: 100,
    sessionTimeoutMs: 6000,
    metrics: createMetrics("test"),
    log,
    deadLetters,
    signal: ending.signal,
    ...given,
    onBatch: async (messages, context) => {
      const rejections = (await given.onBatch?.(messages, context)) ?? [];
      handled.push(...messages.map(({ partition, offset }) => `${partition}:${offset}`));
      return rejections;
    },
  });
  return {
    ...consumer,
    handled,
    end: async () => {
      ending.abort(new Error("the test has ended"));
      await consumer.done;
      await deadLetters.close();
    },
  };
}
