import type { Part } from "../part.ts";
import { appModulesPart } from "./app-modules.ts";
import { basePart } from "./base.ts";
import { dockerPart } from "./docker.ts";
import { documentsPart } from "./documents.ts";
import { ffmpegPart } from "./ffmpeg.ts";
import { kafkaPart } from "./kafka.ts";
import { datasetPart, modelPart } from "./model.ts";
import { mongoExpressPart } from "./mongo-express.ts";
import { mosquittoPart } from "./mosquitto.ts";
import { nodePart, packagesPart } from "./node.ts";
import { openstackPluginPart } from "./openstack.ts";
import { commandPluginPart, dockerPluginPart, languageHostPart } from "./plugins.ts";
import { kafkaUiPart, mongodbPart } from "./pulled.ts";
import { pulumiPart } from "./pulumi.ts";
import { sshdPart, sshPart } from "./ssh.ts";

/** Every part, the longest to get first, so that the others fill its shadow. */
export const PARTS: readonly Part[] = [
  nodePart,
  packagesPart,
  pulumiPart,
  languageHostPart,
  dockerPluginPart,
  commandPluginPart,
  dockerPart,
  basePart,
  mongodbPart,
  kafkaUiPart,
  documentsPart,
  kafkaPart,
  appModulesPart,
  mongoExpressPart,
  datasetPart,
  modelPart,
];

/** What a stack of that target needs. */
export function partsFor(target: string): readonly Part[] {
  if (target === "local") return PARTS;
  return target === "openstack" ? [openstackPluginPart, ...PARTS, sshPart] : [...PARTS, sshPart];
}

/** What the tests need: whatever any stack does, and what looks at its output. */
export const TEST_PARTS: readonly Part[] = [...partsFor("openstack"), ffmpegPart, mosquittoPart, sshdPart];
