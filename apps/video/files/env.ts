import { choice, decimal, integer, string } from "../../common/env.ts";
import { frameFormats } from "../../media/frame.ts";

/** Variables of the apps that turn a topic of frames into files. */
export const fileVariables = {
  KAFKA_TOPIC_NAME: string(),
  /** How the topic carries frames. */
  FRAME_FORMAT: choice(frameFormats).default("jpeg"),
  /** One for each app and topic: two that share a group take frames from each other. */
  KAFKA_CONSUMER_GROUP_ID: string(),
  KAFKA_AUTO_OFFSET_RESET: choice(["earliest", "latest"]).default("earliest"),
  /** Most frames in hand at a time. */
  MAX_BATCH: integer({ min: 1, max: 10_000 }).default(64),
  /** Folder that the files go to; one app has one for itself. */
  OUTPUT_DIR: string().default("/output"),
  /** With less than this free where OUTPUT_DIR is, nothing is consumed; MB of 1,000,000 bytes. */
  MIN_FREE_MB: integer({ min: 1 }).default(1024),
  /** Files older than this are deleted; 0 keeps them for ever. */
  RETENTION_HOURS: decimal({ min: 0 }).default(0),
  /** Beyond this much in all, the oldest files are deleted; MB of 1,000,000 bytes; 0 sets no bound. */
  RETENTION_MB: integer({ min: 0 }).default(0),
};
