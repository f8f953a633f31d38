import { appVariables, kafkaVariables } from "../../common/app.ts";
import { choice, decimal, defineEnv, integer, string } from "../../common/env.ts";
import { arrivalKinds } from "../contract.ts";

/** Environment of a producer. */
export const producerEnv = defineEnv({
  ...appVariables,
  ...kafkaVariables,
  /** Part of every image's id, so it must differ between producers. */
  PRODUCER_NAME: string({ pattern: /^[a-z0-9][a-z0-9-]{0,62}$/ }),
  /** Group that reads the results back; the producer's name when not set. No two producers may share one. */
  KAFKA_CONSUMER_GROUP_ID: string().optional(),
  /** Partition of the results that this producer reads; counted modulo the topic's partitions. */
  RESULTS_PARTITION: integer({ min: 0, max: 1_000_000 }).default(0),
  /** Simulated devices; they take turns. */
  IOT_NUM_DEVICES: integer({ min: 1, max: 100_000 }).default(8),
  /** Of all devices of this producer together. */
  IMAGES_PER_SECOND: decimal({ min: 0.01, max: 10_000 }).default(10),
  /** Whether they come at equal intervals or at random times of that mean rate. */
  ARRIVALS: choice(arrivalKinds).default("fixed"),
  /** Folder with a data set in CIFAR-100's binary format, or the official archive `cifar-100-binary.tar.gz`. */
  DATASET_DIR: string().default("/data"),
  /** An image without a result for this long counts as lost, ms. */
  RESULT_TIMEOUT_MS: integer({ min: 100 }).default(30_000),
  /** Latency samples kept for `GET /latencies`; the oldest go first. */
  SAMPLES_KEPT: integer({ min: 1, max: 1_000_000 }).default(10_000),
  /** Images without a result at any one time; with as many, sending pauses. */
  MAX_IN_FLIGHT: integer({ min: 1, max: 1_000_000 }).default(10_000),
});
