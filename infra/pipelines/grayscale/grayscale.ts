import { definePipeline } from "../pipeline.ts";
import { keys } from "./config.ts";
import { planGrayscale } from "./plan.ts";

export const grayscale = definePipeline({
  name: "grayscale",
  config: keys,
  roles: ["producer", "processor", "writer"],
  plan: planGrayscale,
});
