import type { ConfigOf } from "../config/lab-schema.ts";
import { classification } from "./classification/classification.ts";
import { defineLab } from "./definition.ts";
import { grayscale } from "./grayscale/grayscale.ts";
import { video } from "./video/video.ts";

/** Every pipeline of the lab. A new one is a folder beside these and a line here. */
export const pipelines = [
  // producer ─ images → classifier ─ image-results → producer; both topics → recorder → PostgreSQL
  classification,
  // cameras → producer ─ a topic for each → frame savers and recorders → files
  video,
  // file → producer ─ video-frames → processors ─ processed-frames → writer → output_video.avi
  grayscale,
] as const;

/** The stack config after parsing. */
export type LabConfig = ConfigOf<typeof pipelines>;

export const { schema: labSchema, parseConfig, planLab } = defineLab(pipelines);
