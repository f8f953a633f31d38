import { appVariables, kafkaVariables } from "../../common/app.ts";
import { choice, defineEnv, integer, string } from "../../common/env.ts";
import { postgresVariables } from "../../common/postgres-variables.ts";
import { consumerGroups } from "../contract.ts";

/** Environment of the recorder. */
export const recorderEnv = defineEnv({
  ...appVariables,
  ...kafkaVariables,
  ...postgresVariables,
  /** Group that reads images; results are read by a group of their own, named after it. */
  KAFKA_CONSUMER_GROUP_ID: string().default(consumerGroups.recorder),
  KAFKA_AUTO_OFFSET_RESET: choice(["earliest", "latest"]).default("earliest"),
  /** Most rows in one INSERT. */
  MAX_BATCH: integer({ min: 1, max: 10_000 }).default(500),
  /** Hours for which images and results are kept. */
  KEEP_HOURS: integer({ min: 1, max: 168 }).default(6),
  /** Larger images go to the dead-letter topic. */
  MAX_IMAGE_BYTES: integer({ min: 1 }).default(4 * 1024 * 1024),
});
