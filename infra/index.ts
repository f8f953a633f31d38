import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { loadConfig } from "./config/load.ts";
import { labOf } from "./lab.ts";
import { parseConfig, planLab } from "./pipelines/all.ts";
import { placedBefore } from "./placed-before.ts";
import { standUp } from "./stand-up.ts";

const before = await placedBefore();
const config = loadConfig(parseConfig, before);
const lab = labOf(pulumi.getProject(), pulumi.getStack());

export default standUp({
  lab,
  config,
  plan: planLab(config, before),
  root: join(import.meta.dirname, ".."),
});
