import { appVariables, kafkaVariables } from "../../common/app.ts";
import { defineEnv, integer, json, string } from "../../common/env.ts";
import { camerasSpec } from "./cameras.ts";

/** Environment of a producer of frames. */
export const videoProducerEnv = defineEnv({
  ...appVariables,
  ...kafkaVariables,
  /** Part of the name of every run, so it must differ between producers. */
  PRODUCER_NAME: string({ pattern: /^[a-z0-9][a-z0-9-]{0,62}$/ }),
  CAMERAS: json(
    camerasSpec,
    "a JSON array of cameras {name, topic, format: jpeg|json, keyedBy: camera|frame, fps, maxFrameKB, source}",
  ),
  /** A source that is connected and delivers nothing for this long is opened anew, ms. */
  STALL_TIMEOUT_MS: integer({ min: 100 }).default(5000),
  /** Frames of one camera that wait to be sent; more push out the oldest, or hold a file back. */
  MAX_BUFFERED_FRAMES: integer({ min: 1, max: 10_000 }).default(60),
  /** How often the metrics line of each camera is logged, ms. */
  METRICS_EVERY_MS: integer({ min: 100 }).default(10_000),
  /**
   * Largest request to Kafka, bytes, save that one frame always fits; at most the `max.message.bytes` of every topic.
   * When not set, what the largest frame of the camera needs.
   */
  MAX_REQUEST_BYTES: integer({ min: 1024, max: 104_857_600 }).optional(),
});
