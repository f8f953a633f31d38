import { definePipeline } from "../pipeline.ts";
import { keys } from "./config.ts";
import { planVideo } from "./plan.ts";
import { videoClashes } from "./rules.ts";

export const video = definePipeline({
  name: "video",
  config: keys,
  roles: ["producer", "camera", "frame-saver", "recorder"],
  plan: planVideo,
  rules: videoClashes,
});
