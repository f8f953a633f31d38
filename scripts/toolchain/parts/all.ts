import type { Part } from "../part.ts";
import { appModulesPart } from "./app-modules.ts";
import { basePart } from "./base.ts";
import { dockerPart } from "./docker.ts";
import { ffmpegPart } from "./ffmpeg.ts";
import { kafkaPart } from "./kafka.ts";
import { datasetPart, modelPart } from "./model.ts";
import { nodePart, packagesPart } from "./node.ts";
import { dockerPluginPart, languageHostPart } from "./plugins.ts";
import { pulumiPart } from "./pulumi.ts";

/** Every part, the longest to get first, so that the others fill its shadow. */
export const PARTS: readonly Part[] = [
  nodePart,
  packagesPart,
  pulumiPart,
  languageHostPart,
  dockerPluginPart,
  dockerPart,
  basePart,
  kafkaPart,
  appModulesPart,
  datasetPart,
  modelPart,
];

/** What the tests need besides. */
export const TEST_PARTS: readonly Part[] = [...PARTS, ffmpegPart];
