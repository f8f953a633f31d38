import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { loadConfig } from "./config/load.ts";
import { pulledHere } from "./containers/pulled.ts";
import { checkCloud } from "./hosts/openstack/lookups.ts";
import { labOf } from "./lab.ts";
import { labBefore } from "./lab-before.ts";
import { parseConfig, planLab } from "./pipelines/all.ts";
import { LabIdentity } from "./resources/lab-identity.ts";
import { standUp } from "./stand-up.ts";

// Pulumi takes a stack trace for every promise, and its source maps would translate each of them: a tenth of a preview's
// processor time, for a program that runs as it is written.
Reflect.deleteProperty(Error, "prepareStackTrace");

const root = join(import.meta.dirname, "..");
const { placed: before, slots, documents } = await labBefore();
const found = { pulled: pulledHere(root), documents, slots };
const config = loadConfig(parseConfig, { before, found });
const [project, stack] = [pulumi.getProject(), pulumi.getStack()];
const lab = labOf(project, stack, new LabIdentity("lab", { project, stack }));
await checkCloud(lab, config);

export default standUp({
  lab,
  config,
  plan: planLab(config, before, found),
  root,
});
