import { runApp } from "../../common/app.ts";
import { consumeBatches, createProducer } from "../../common/kafka.ts";
import { maxRequestBytes } from "../contract.ts";
import { alerterEnv } from "./env.ts";
import { limitsOf } from "./limits.ts";
import { alerterMeters } from "./meters.ts";
import { Monitor } from "./monitor.ts";
import { watchBatch } from "./work.ts";

/**
 * Devices tell of the last seconds: what a quarter of one brings is one request, one batch and one answer from Kafka, where
 * each reading by itself took four times the processor time.
 */
const gathered = { minBytes: 256 * 1024, maxWaitMs: 250 } as const;

await runApp({
  name: "sensors-alerter",
  env: alerterEnv,
  healthParts: ["readings"],
  start: ({ env, log, metrics, health, shutdown }) => {
    const common = { bootstrapServers: env.KAFKA_BOOTSTRAP_SERVERS, clientId: env.ALERTER_NAME, log };
    const producer = createProducer({ ...common, maxRequestBytes, onState: health.reporter("alerts") });
    shutdown.add("producer", () => producer.close());
    const monitor = new Monitor({
      limits: limitsOf(env.THRESHOLDS),
      lateMs: env.MAX_LATE_SEC * 1000,
      aheadMs: env.MAX_AHEAD_SEC * 1000,
      maxDevices: env.MAX_DEVICES,
    });
    const onBatch = watchBatch({
      monitor,
      topic: env.ALERTS_TOPIC_NAME,
      send: (message) => producer.send(message),
      count: alerterMeters(metrics, monitor),
      log,
      now: Date.now,
    });
    return async () => {
      const consumer = consumeBatches({
        ...common,
        metrics,
        onBatch,
        topic: env.KAFKA_TOPIC_NAME,
        groupId: env.KAFKA_CONSUMER_GROUP_ID,
        autoOffsetReset: env.KAFKA_AUTO_OFFSET_RESET,
        maxBatch: env.MAX_BATCH,
        stateFolder: env.STATE_FOLDER,
        ...gathered,
        deadLetters: producer,
        onState: health.reporter("readings"),
        signal: shutdown.signal,
      });
      shutdown.add("consumer", () => consumer.done);
    };
  },
});
