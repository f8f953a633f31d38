import type { AppContext } from "../../common/app.ts";
import { livenessOf } from "../../common/consumer-variables.ts";
import type { EnvOf } from "../../common/env.ts";
import { type BatchConsumer, consumeBatches, createProducer } from "../../common/kafka.ts";
import { messageOverheadBytes } from "../../common/topics.ts";
import type { Step } from "../steps/step.ts";
import type { processorEnv } from "./env.ts";
import { Processor } from "./process.ts";

/** Consumes frames and publishes what the step makes of them, until the app is told to end. */
export function startProcessor(
  { env, log, metrics, health, shutdown }: Omit<AppContext<EnvOf<typeof processorEnv>>, "http">,
  step: Step,
): BatchConsumer {
  const common = { bootstrapServers: env.KAFKA_BOOTSTRAP_SERVERS, clientId: env.PROCESSOR_NAME, log };
  const liveness = livenessOf(env);
  const producer = createProducer({
    ...common,
    onState: health.reporter("sending"),
    // A whole batch always fits, even when all of it is refused.
    maxBufferedBytes:
      Math.max(env.MAX_BATCH, env.CONCURRENCY) * (env.MAX_PROCESSED_BYTES + messageOverheadBytes),
  });
  shutdown.add("producer", () => producer.close());
  const processor = new Processor({
    step,
    topic: env.KAFKA_OUTPUT_TOPIC_NAME,
    send: (message) => producer.send(message),
    concurrency: env.CONCURRENCY,
    maxProcessedBytes: env.MAX_PROCESSED_BYTES,
    metrics,
  });
  const consumer = consumeBatches({
    ...common,
    ...liveness,
    groupId: env.KAFKA_CONSUMER_GROUP_ID,
    topic: env.KAFKA_TOPIC_NAME,
    autoOffsetReset: env.KAFKA_AUTO_OFFSET_RESET,
    maxBatch: env.MAX_BATCH,
    stateFolder: env.STATE_FOLDER,
    onBatch: (messages, { signal }) => processor.process(messages, signal),
    deadLetters: producer,
    metrics,
    onState: health.reporter("kafka"),
    signal: shutdown.signal,
  });
  shutdown.add("consumer", () => consumer.done);
  log.info({ step: step.name, ...liveness }, "processing frames");
  return consumer;
}
