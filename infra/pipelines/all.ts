import type { ConfigOf } from "../config/lab-schema.ts";
import { classification } from "./classification/classification.ts";
import { defineLab } from "./definition.ts";
import { grayscale } from "./grayscale/grayscale.ts";
import { logistics } from "./logistics/logistics.ts";
import { sensors } from "./sensors/sensors.ts";
import { video } from "./video/video.ts";

/** Every pipeline of the lab. A new one is a folder beside these and a line here. */
export const pipelines = [
  // producer ─ images → classifier ─ image-results → producer; both topics → recorder → PostgreSQL
  classification,
  // cameras → producer ─ a topic for each → frame savers and recorders → files
  video,
  // file → producer ─ video-frames → processors ─ processed-frames → writer → output_video.avi
  grayscale,
  // simulator and devices ─ iot-sensor-data → alerters ─ iot-alerts; both topics → store → PostgreSQL
  sensors,
  // sensors and devices ─ MQTT → bridges ─ Image → Kafka and the document store
  logistics,
] as const;

/** The stack config after parsing. */
export type LabConfig = ConfigOf<typeof pipelines>;

export const { schema: labSchema, parseConfig, planLab } = defineLab(pipelines);
