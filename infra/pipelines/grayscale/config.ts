import { choice, flag, folder, integer, words } from "../../config/kinds.ts";
import { port, retention } from "../../config/schema.ts";

/** Keys of the pipeline. */
export const keys = {
  enabled: flag(false, "Run the grayscale pipeline"),
  file: folder("Video file on the host, read once; a short sample of the lab's own if empty"),
  pace: choice(
    ["own", "full"],
    "full",
    "Send the file's frames at its own rate, or as fast as Kafka takes them",
  ),
  steps: words(
    ["grayscale", "edges"],
    ["grayscale"],
    "What is done to the frames; each step takes the whole video",
  ),
  processors: integer({ min: 1, max: 32 }, 1, "Processors of a step, which share the video"),
  partitions: integer({ min: 1, max: 128 }, 6, "Partitions of the pipeline's topics"),
  retentionMB: integer(retention, 96, "MB kept of one partition"),
  maxFrameKB: integer({ min: 8, max: 98_304 }, 512, "Largest frame in KB, before and after a step"),
  outputFolder: folder("Host folder for output_video.avi", "output"),
  port: integer(port, 9700, "Published port of the writer; producer and processors follow"),
  sessionTimeoutMs: integer(
    { min: 6000, max: 1_800_000 },
    45_000,
    "A processor silent for this long loses its place",
  ),
  heartbeatMs: integer({ min: 100, max: 600_000 }, 3000, "How often a processor says that it lives, in ms"),
  maxPollMs: integer({ min: 1000, max: 86_400_000 }, 300_000, "Longest time for one batch of frames, in ms"),
  memoryMB: integer({ min: 256, max: 65_536 }, 768, "Memory limit of each of its apps in MB"),
};
