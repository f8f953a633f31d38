import { definePipeline } from "../pipeline.ts";
import { keys } from "./config.ts";
import { planClassification } from "./plan.ts";
import { classificationClashes } from "./rules.ts";

export const classification = definePipeline({
  name: "classification",
  config: keys,
  roles: ["producer", "classifier", "recorder"],
  plan: planClassification,
  rules: classificationClashes,
});
