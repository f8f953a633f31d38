import { appVariables, kafkaVariables } from "../../common/app.ts";
import { consumerVariables } from "../../common/consumer-variables.ts";
import { choice, defineEnv, integer, string } from "../../common/env.ts";
import { defaultMaxProcessedBytes, topicNames } from "../contract.ts";
import { stepNames } from "../steps/registry.ts";

/** Environment of the processor. */
export const processorEnv = defineEnv({
  ...appVariables,
  ...kafkaVariables,
  ...consumerVariables,
  /** Name of this processor among others, in logs of the brokers. */
  PROCESSOR_NAME: string().default("grayscale-processor"),
  /** Processors of one group share the frames; one with a group of its own takes the whole stream. */
  KAFKA_CONSUMER_GROUP_ID: string().default("video-group"),
  KAFKA_AUTO_OFFSET_RESET: choice(["earliest", "latest"]).default("earliest"),
  /** Where the frames come from. */
  KAFKA_TOPIC_NAME: string().default(topicNames.frames),
  /** Where the processed frames go. */
  KAFKA_OUTPUT_TOPIC_NAME: string().default(topicNames.processed),
  /** What is done to each frame. */
  STEP: choice(stepNames).default("grayscale"),
  /** Frames in work at a time. */
  CONCURRENCY: integer({ min: 1, max: 64 }).default(2),
  /** Most frames in one batch; it has KAFKA_MAX_POLL_INTERVAL_MS for all of them. */
  MAX_BATCH: integer({ min: 1, max: 1000 }).default(8),
  /** Processed frames that are larger cannot be passed on and count as lost. */
  MAX_PROCESSED_BYTES: integer({ min: 1024 }).default(defaultMaxProcessedBytes),
});
