import { appVariables, kafkaVariables } from "../../common/app.ts";
import { choices, decimal, defineEnv, integer, string } from "../../common/env.ts";
import { sensorTypes, topicNames } from "../contract.ts";

/** Environment of the simulator. */
export const simulatorEnv = defineEnv({
  ...appVariables,
  ...kafkaVariables,
  KAFKA_TOPIC_NAME: string().default(topicNames.readings),
  /** With how many partitions and replicas the topic is made where it is not there; in the lab it always is. */
  KAFKA_PARTITIONS: integer({ min: 1 }).default(6),
  KAFKA_REPLICATION_FACTOR: integer({ min: 1 }).default(3),
  /** What the names of its devices begin with, so it must differ between simulators. */
  SIMULATOR_NAME: string({ pattern: /^[a-z0-9][a-z0-9-]{0,62}$/ }).default("sim"),
  IOT_NUM_DEVICES: integer({ min: 1, max: 100_000 }).default(8),
  /** Time between two readings of a device, s. */
  IOT_DATA_INTERVAL_SEC: decimal({ min: 0.001, max: 86_400 }).default(1),
  /** Devices take these in turn. */
  IOT_DEVICE_TYPES: choices(sensorTypes).default([...sensorTypes]),
  IOT_ANOMALY_PROBABILITY: decimal({ min: 0, max: 1 }).default(0.05),
  /** The same seed has the same readings at the same times. */
  IOT_SEED: integer({ min: 0, max: 4_294_967_295 }).default(1),
});
