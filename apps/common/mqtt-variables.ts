import { integer, secretFile, string } from "./env.ts";

/** The port that the MQTT broker listens on. */
export const mqttPort = 1883;

/** Variables of every app that talks MQTT. */
export const mqttVariables = {
  MQTT_HOST: string(),
  MQTT_PORT: integer({ min: 1, max: 65_535 }).default(mqttPort),
  MQTT_USER: string(),
  /** Path of a file with the password. */
  MQTT_PASSWORD_FILE: secretFile(),
};
