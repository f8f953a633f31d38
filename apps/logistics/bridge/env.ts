import { appVariables, kafkaVariables } from "../../common/app.ts";
import { documentsVariables } from "../../common/documents-variables.ts";
import { decimal, defineEnv, integer, json, string } from "../../common/env.ts";
import { mqttVariables } from "../../common/mqtt-variables.ts";
import { fieldsSchema, laneCount, topicNames } from "../contract.ts";

/** Environment of a bridge. */
export const bridgeEnv = defineEnv({
  ...appVariables,
  ...kafkaVariables,
  ...documentsVariables,
  ...mqttVariables,
  /** Which of the bridges it is, from 1. */
  BRIDGE_NUMBER: integer({ min: 1, max: laneCount }).default(1),
  BRIDGES: integer({ min: 1, max: laneCount }).default(1),
  /** Of the readings in Kafka, and where the MQTT topics begin. */
  KAFKA_TOPIC_NAME: string().default(topicNames.readings),
  MQTT_TOPIC_NAME: string().default(topicNames.readings),
  /** Members of the payload that hold what a reading is made of. */
  FIELDS: json(fieldsSchema, "members of the payload as JSON").default(fieldsSchema.parse({})),
  /** A reading that is older was not measured by a working sensor, s. */
  MAX_LATE_SEC: decimal({ min: 1 }).default(31_536_000),
  /** How far ahead of this clock a sensor's may be, s. */
  MAX_AHEAD_SEC: decimal({ min: 0 }).default(60),
  /** Days for which documents are kept. */
  KEEP_DAYS: integer({ min: 1, max: 36_500 }).default(30),
});
