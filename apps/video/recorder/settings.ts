import type { EnvOf } from "../../common/env.ts";
import type { VideoSettings } from "../../media/recording.ts";
import type { videoRecorderEnv } from "./env.ts";

/** How a recorder records. */
export interface RecorderSettings {
  readonly video: VideoSettings;
  /** Slots of a full segment; infinite for a single recording. */
  readonly maxSlots: number;
  /** Bytes of a full segment; infinite without a bound. */
  readonly maxBytes: number;
  readonly maxGapUs: number;
  readonly chunkSlots: number;
}

type Values = Pick<
  EnvOf<typeof videoRecorderEnv>,
  | "MODE"
  | "FPS"
  | "CONTAINER"
  | "CODEC"
  | "QUALITY"
  | "SEGMENT_SECONDS"
  | "SEGMENT_MB"
  | "MAX_GAP_SECONDS"
  | "CHUNK_SECONDS"
>;

/**
 * Completes what the environment says.
 * @throws when its parts contradict one another, with what to change
 */
export function recorderSettings(env: Values): RecorderSettings {
  const single = env.MODE === "single";
  if (single && (env.SEGMENT_SECONDS !== undefined || env.SEGMENT_MB !== undefined)) {
    throw new Error(
      "SEGMENT_SECONDS and SEGMENT_MB bound segments; leave them out with MODE=single, or set MODE=segments",
    );
  }
  const container = env.CONTAINER ?? "avi";
  const forSegments = container === "mp4" ? "h264" : "mjpeg";
  const codec = env.CODEC ?? (single ? "xvid" : forSegments);
  if (codec === "mjpeg" && container === "mp4") {
    throw new Error("few players read CODEC=mjpeg in CONTAINER=mp4; set CODEC=h264, or CONTAINER=mkv or avi");
  }
  const fps = env.FPS ?? (single ? 10 : 30);
  return {
    video: { fps, codec, container, quality: env.QUALITY },
    maxSlots: single ? Number.POSITIVE_INFINITY : (env.SEGMENT_SECONDS ?? 300) * fps,
    maxBytes: env.SEGMENT_MB === undefined ? Number.POSITIVE_INFINITY : env.SEGMENT_MB * 1e6,
    maxGapUs: (env.MAX_GAP_SECONDS ?? (single ? 3600 : 10)) * 1e6,
    chunkSlots: Math.max(1, Math.round(env.CHUNK_SECONDS * fps)),
  };
}
