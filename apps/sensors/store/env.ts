import { appVariables, kafkaVariables } from "../../common/app.ts";
import { choice, decimal, defineEnv, integer, string } from "../../common/env.ts";
import { postgresVariables } from "../../common/postgres-variables.ts";
import { storeGroup, topicNames } from "../contract.ts";

/** Environment of the store. */
export const storeEnv = defineEnv({
  ...appVariables,
  ...kafkaVariables,
  ...postgresVariables,
  KAFKA_TOPIC_NAME: string().default(topicNames.readings),
  ALERTS_TOPIC_NAME: string().default(topicNames.alerts),
  /** Group that reads readings; alerts are read by a group of their own, named with `-alerts` after it. */
  KAFKA_CONSUMER_GROUP_ID: string().default(storeGroup),
  KAFKA_AUTO_OFFSET_RESET: choice(["earliest", "latest"]).default("earliest"),
  /** Most rows in one INSERT. */
  MAX_BATCH: integer({ min: 1, max: 10_000 }).default(5000),
  /** Days for which readings and alerts are kept. */
  KEEP_DAYS: integer({ min: 1, max: 36_500 }).default(7),
  KEEP_MINUTES_DAYS: integer({ min: 1, max: 36_500 }).default(30),
  KEEP_HOURS_DAYS: integer({ min: 1, max: 36_500 }).default(365),
  /** How far ahead of this clock a device's may be, s. */
  MAX_AHEAD_SEC: decimal({ min: 0 }).default(60),
});
