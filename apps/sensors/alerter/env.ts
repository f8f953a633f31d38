import { appVariables, kafkaVariables } from "../../common/app.ts";
import { choice, decimal, defineEnv, integer, json, string } from "../../common/env.ts";
import { alerterGroup, thresholdsSchema, topicNames } from "../contract.ts";

/** Environment of an alerter. */
export const alerterEnv = defineEnv({
  ...appVariables,
  ...kafkaVariables,
  /** Client of Kafka, so that one of several is told from the others. */
  ALERTER_NAME: string().default("sensors-alerter"),
  KAFKA_TOPIC_NAME: string().default(topicNames.readings),
  ALERTS_TOPIC_NAME: string().default(topicNames.alerts),
  KAFKA_CONSUMER_GROUP_ID: string().default(alerterGroup),
  KAFKA_AUTO_OFFSET_RESET: choice(["earliest", "latest"]).default("earliest"),
  THRESHOLDS: json(thresholdsSchema, "thresholds as JSON").default({}),
  /** A reading that is older was not sent by a working device, s. */
  MAX_LATE_SEC: decimal({ min: 1 }).default(86_400),
  /** How far ahead of this clock a device's may be, s. */
  MAX_AHEAD_SEC: decimal({ min: 0 }).default(60),
  /** Devices known at a time; each takes about 2 KB. */
  MAX_DEVICES: integer({ min: 1, max: 1_000_000 }).default(50_000),
  MAX_BATCH: integer({ min: 1, max: 10_000 }).default(1000),
});
