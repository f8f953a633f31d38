import { appVariables } from "../../common/app.ts";
import { choice, decimal, defineEnv, flag, string } from "../../common/env.ts";
import { mqttVariables } from "../../common/mqtt-variables.ts";
import { timings, topicNames } from "../contract.ts";

/** Environment of a sensor. */
export const sensorEnv = defineEnv({
  ...appVariables,
  ...mqttVariables,
  /** Id of the sensor: a level of its MQTT topic, and in every reading. */
  SENSOR_ID: string({ pattern: /^[^/+#\0]{1,100}$/ }),
  MQTT_TOPIC_NAME: string().default(topicNames.readings),
  CSV_FILE: string(),
  CSV_DELIMITER: string().default(","),
  /** Whether the first line has the columns' names; otherwise they are `column1` and so on. */
  CSV_HEADER: flag().default(true),
  /** Column of the time, ISO 8601, or seconds or milliseconds since the epoch. */
  CSV_TIME_COLUMN: string().default("ts"),
  /** `shifted`: by whole weeks, so that the file ends in the week before now; `file`: as they are. */
  TIMES: choice(timings).default("shifted"),
  /** How many times as fast as they were measured lines are sent. */
  SPEED: decimal({ min: 0.001, max: 1_000_000 }).default(600),
  /** Whether the file begins again after its last line. */
  LOOP: flag().default(true),
});
