import { appVariables, kafkaVariables } from "../../common/app.ts";
import { choice, decimal, defineEnv, integer } from "../../common/env.ts";
import { codecs, containers, qualities } from "../../media/recording.ts";
import { fileVariables } from "../files/env.ts";

export const recordingModes = ["single", "segments"] as const;

/** Environment of the recorder. What a recording is like when nothing else is said depends on MODE; see settings.ts. */
export const videoRecorderEnv = defineEnv({
  ...appVariables,
  ...kafkaVariables,
  ...fileVariables,
  /** `single`: one file from the first frame to the last; `segments`: files of bounded length, one after the other. */
  MODE: choice(recordingModes),
  /** Frames a second of the recording: 10 for `single`, 30 for `segments`. */
  FPS: integer({ min: 1, max: 120 }).optional(),
  /** avi, if nothing is said. */
  CONTAINER: choice(containers).optional(),
  /** `mjpeg` keeps the frames as they came. xvid for `single`; for `segments` h264 in mp4 and mjpeg in the others. */
  CODEC: choice(codecs).optional(),
  /** Of xvid and h264. */
  QUALITY: choice(qualities).default("high"),
  /** Length of a segment; 300 if nothing is said. */
  SEGMENT_SECONDS: integer({ min: 1, max: 86_400 }).optional(),
  /** Most MB (of 1,000,000 bytes) of a segment; without it only the length counts. */
  SEGMENT_MB: integer({ min: 1 }).optional(),
  /** A camera that is silent for longer begins a new file; 3600 for `single`, 10 for `segments`. */
  MAX_GAP_SECONDS: decimal({ min: 0.1, max: 86_400 }).optional(),
  /** Frames are kept as they came for this long, and are encoded then. */
  CHUNK_SECONDS: decimal({ min: 0.5, max: 60 }).default(5),
});
