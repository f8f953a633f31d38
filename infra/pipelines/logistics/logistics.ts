import { definePipeline } from "../pipeline.ts";
import { keys } from "./config.ts";
import { planLogistics } from "./plan.ts";
import { logisticsClashes } from "./rules.ts";

export const logistics = definePipeline({
  name: "logistics",
  config: keys,
  roles: ["sensor", "bridge", "analyser"],
  plan: planLogistics,
  rules: logisticsClashes,
});
