import { appVariables, kafkaVariables } from "../../common/app.ts";
import { documentsVariables } from "../../common/documents-variables.ts";
import { choice, decimal, defineEnv, integer, string } from "../../common/env.ts";
import { analyserGroup, topicNames } from "../contract.ts";
import { forms } from "./fit/settings.ts";

export { forms } from "./fit/settings.ts";

/** Environment of an analyser. */
export const analyserEnv = defineEnv({
  ...appVariables,
  ...kafkaVariables,
  ...documentsVariables,
  /** Client of Kafka and of the document store, so that one of several is told from the others. */
  ANALYSER_NAME: string().default("logistics-analyser"),
  KAFKA_TOPIC_NAME: string().default(topicNames.readings),
  RESULTS_TOPIC_NAME: string().default(topicNames.results),
  KAFKA_CONSUMER_GROUP_ID: string().default(analyserGroup),
  KAFKA_AUTO_OFFSET_RESET: choice(["earliest", "latest"]).default("earliest"),
  /** Most readings that are forecast at once. */
  MAX_BATCH: integer({ min: 1, max: 10_000 }).default(200),
  /** Folder with `default.json` and `sensors/<sensor>.json`; what is replaced there is loaded. */
  MODEL_PATH: string().default("/models"),
  /** How often it is looked for other models, and for sensors that need one, s. */
  MODEL_CHECK_SEC: decimal({ min: 0.1, max: 3600 }).default(5),
  /** A sensor's model is fitted anew after so many minutes in which it had readings; 0 fits none at all. */
  REFIT_MINUTES: decimal({ min: 0, max: 525_600 }).default(60),
  /** Readings that a model is fitted on, the latest. */
  HISTORY_READINGS: integer({ min: 20, max: 1_000_000 }).default(50_000),
  /** Of these, how many at most go into the optimiser, one out of each stretch of time. */
  FIT_READINGS: integer({ min: 20, max: 100_000 }).default(5000),
  /** Share of the readings that are to lie between `yhat_lower` and `yhat_upper`. */
  INTERVAL_WIDTH: decimal({ min: 0.01, max: 0.999 }).default(0.8),
  /** How trend and cycles come together. */
  MODEL_FORM: choice(forms).default("auto"),
  /** Sensors known at a time; others get forecasts by models that are there, and none is fitted for them. */
  MAX_SENSORS: integer({ min: 1, max: 1_000_000 }).default(10_000),
});
