import { appVariables, kafkaVariables } from "../../common/app.ts";
import { choice, defineEnv, integer, string } from "../../common/env.ts";
import { consumerGroups } from "../contract.ts";

const MiB = 1024 * 1024;

/** Environment of the classifier. */
export const classifierEnv = defineEnv({
  ...appVariables,
  ...kafkaVariables,
  /** What this classifier is called as a client of Kafka; of several, each has its own. */
  CLASSIFIER_NAME: string().default("classifier"),
  KAFKA_CONSUMER_GROUP_ID: string().default(consumerGroups.classifier),
  KAFKA_AUTO_OFFSET_RESET: choice(["earliest", "latest"]).default("earliest"),
  /** Folder with card.json and the ONNX file that it names. */
  MODEL_DIR: string().default("/model"),
  /** Most images that go through the model at once. */
  MAX_BATCH: integer({ min: 1, max: 1024 }).default(32),
  /** Largest image that `POST /classify` takes, in bytes; that of the topic is the topic's own limit. */
  MAX_IMAGE_BYTES: integer({ min: 1 }).default(4 * MiB),
  /** Largest width × height of an image; a file of few bytes can claim to be enormous. */
  MAX_IMAGE_PIXELS: integer({ min: 1 }).default(8_000_000),
  /** Most requests to `POST /classify` in hand at once; those above are answered 503. */
  MAX_REQUESTS: integer({ min: 1 }).default(128),
  /** Threads of onnxruntime for one run of the model. */
  ONNX_THREADS: integer({ min: 1, max: 256 }).default(1),
});
