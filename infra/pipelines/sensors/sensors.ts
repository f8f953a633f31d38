import { definePipeline } from "../pipeline.ts";
import { keys } from "./config.ts";
import { planSensors } from "./plan.ts";
import { sensorClashes } from "./rules.ts";

export const sensors = definePipeline({
  name: "sensors",
  config: keys,
  roles: ["simulator", "alerter", "store"],
  plan: planSensors,
  rules: sensorClashes,
});
