import { cameraPort } from "../../../apps/video/camera/env.ts";
import { decimal, flag, folder, integer, yaml } from "../../config/kinds.ts";
import { port, retention } from "../../config/schema.ts";
import { cameraList, consumerList, passwordMap } from "./entries.ts";

/** Keys of the pipeline. */
export const keys = {
  enabled: flag(false, "Run the video pipeline"),
  cameras: yaml(
    cameraList,
    [],
    "Cameras, their topics and formats",
    "a YAML list of {name, url, topic, …}, see docs/cameras.md, or empty for the lab's own test camera",
  ),
  consumers: yaml(
    consumerList,
    [],
    "What becomes of the frames of each topic",
    "a YAML list of {name, topic, kind, …}, see docs/cameras.md, or empty",
  ),
  passwords: yaml(
    passwordMap,
    {},
    "Passwords of cameras, by camera; set it with --secret",
    "a YAML map of camera to password, or empty",
    { secret: true },
  ),
  fps: decimal({ min: 0.1, max: 240 }, 30, "Frames a second that a camera is asked for"),
  maxFrameKB: integer({ min: 8, max: 98_304 }, 100, "Largest frame in KB; larger ones are encoded anew"),
  partitions: integer({ min: 1, max: 128 }, 3, "Partitions of a topic of frames"),
  replication: integer({ min: 1, max: 9 }, 3, "Replicas of a topic of frames; at most kafka.brokers"),
  retentionHours: integer({ min: 1, max: 8760 }, 24, "Hours for which a frame is kept in Kafka"),
  retentionMB: integer(retention, 256, "MB kept of one partition, whatever its age"),
  truncateEvery: integer(
    { min: 0, max: 1_000_000 },
    0,
    "Every so many frames the test camera cuts one off, as a faulty camera does; 0 means never",
  ),
  outputFolder: folder("Host folder for frames and recordings; a volume for each consumer if empty"),
  cameraPort: integer(port, cameraPort, "Published port of the test camera"),
  producerPort: integer(port, 9650, "Published port of the producer of frames"),
  consumerPort: integer(port, 9660, "Published port of the first consumer; the others follow"),
  memoryMB: integer(
    { min: 256, max: 65_536 },
    768,
    "Memory limit of the producer and of each consumer in MB",
  ),
};
