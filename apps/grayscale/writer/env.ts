import { appVariables, kafkaVariables } from "../../common/app.ts";
import { consumerVariables } from "../../common/consumer-variables.ts";
import { choice, decimal, defineEnv, integer, string } from "../../common/env.ts";
import { topicNames } from "../contract.ts";

/** Environment of the writer. One writer has the topic for itself: the frames of a video have to meet in its folder. */
export const writerEnv = defineEnv({
  ...appVariables,
  ...kafkaVariables,
  ...consumerVariables,
  KAFKA_CONSUMER_GROUP_ID: string().default("video-writer"),
  KAFKA_AUTO_OFFSET_RESET: choice(["earliest", "latest"]).default("earliest"),
  /** Where the processed frames come from. */
  KAFKA_TOPIC_NAME: string().default(topicNames.processed),
  /** Most frames in one batch. */
  MAX_BATCH: integer({ min: 1, max: 10_000 }).default(64),
  /** Folder that the videos go to. */
  OUTPUT_DIR: string().default("/output"),
  /**
   * Name of the video; `{camera}` in it stands for the source's name. Steps other than grayscale add theirs:
   * `output_video-edges.avi`. Each run of a file replaces the video of the one before.
   */
  OUTPUT_NAME: string({ pattern: /^[A-Za-z0-9_{][A-Za-z0-9._{}-]*\.avi$/ }).default("output_video.avi"),
  /** Folder that frames wait in until their video is complete; `.work` in OUTPUT_DIR if nothing is said. */
  WORK_DIR: string().optional(),
  /** Rate of a video whose frames do not tell theirs, frames a second. */
  DEFAULT_FPS: integer({ min: 1, max: 240 }).default(30),
  /**
   * When the end of a video is known and no frame of it has come for this long, frames that are missing are replaced
   * by the ones before them. Frames that come later still make the video anew.
   */
  STALL_SECONDS: decimal({ min: 1, max: 604_800 }).default(900),
  /** What is left of a video that was not completed is deleted after this time without a frame. */
  KEEP_HOURS: decimal({ min: 0.1, max: 8760 }).default(48),
  /** With less than this free, nothing is consumed; MB of 1,000,000 bytes. */
  MIN_FREE_MB: integer({ min: 1 }).default(1024),
});
