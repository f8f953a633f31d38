import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { loadConfig } from "./config/load.ts";
import { labOf } from "./lab.ts";
import { parseConfig, planLab } from "./pipelines/all.ts";
import { standUp } from "./stand-up.ts";

const config = loadConfig(parseConfig);
const lab = labOf(pulumi.getProject(), pulumi.getStack());

export default standUp({ lab, config, plan: planLab(config), root: join(import.meta.dirname, "..") });
