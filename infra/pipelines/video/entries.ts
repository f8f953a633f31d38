import { z } from "zod";
import { holdsSecret } from "../../../apps/common/address.ts";
import { topicNamePattern } from "../../../apps/common/topics.ts";
import { cameraName, frameFormats } from "../../../apps/media/frame.ts";
import { codecs, containers } from "../../../apps/media/recording.ts";
import { fsyncPolicies } from "../../../apps/video/frame-saver/env.ts";

const topicName = z.string().regex(topicNamePattern, "must be the name of a Kafka topic");
const credentials = {
  /** User of the camera; its password is in video.passwords under the camera's name. */
  user: z.string().min(1).optional(),
};

/** One camera of `video.cameras`. */
export const cameraEntry = z.strictObject({
  name: z.string().regex(cameraName, "must be letters, digits, '_' and '-', 63 at most"),
  /** `test`, the lab's own camera; http(s)://, an MJPEG stream; any other address, such as rtsp://, goes to FFmpeg. */
  url: z
    .string()
    .regex(/^(test|[a-z][a-z0-9+.-]*:\/\/\S+)$/, "must be test, or an address such as http://10.0.0.7:9085/")
    .refine(
      (url) => !holdsSecret(url),
      "must have no password in it: give the user as user, write {password} for a password in the query, and set it by ./scripts/pulumi config set --secret video.passwords",
    ),
  ...credentials,
  topic: topicName,
  format: z.enum(frameFormats).default("jpeg"),
  /** Frames a second; video.fps when left out. */
  fps: z.number().min(0.1).max(240).optional(),
  /** KB; video.maxFrameKB when left out. */
  maxFrameKB: z.number().int().min(8).max(98_304).optional(),
});
export type CameraEntry = z.infer<typeof cameraEntry>;

/** One consumer of `video.consumers`: what becomes of the frames of a topic. */
export const consumerEntry = z.strictObject({
  /** Part of the container's name and of its group's. */
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,30}$/, "must be lower-case letters, digits and '-', 31 at most"),
  topic: topicName,
  /** `frames`: one JPEG file a frame; `single`: one video; `segments`: videos of bounded length, named by time. */
  kind: z.enum(["frames", "single", "segments"]),
  /** Files older than this many hours are deleted; 0 keeps them. */
  keepHours: z.number().min(0).default(0),
  /** Beyond this many MB the oldest files are deleted; 0 sets no bound. */
  keepMB: z.number().int().min(0).default(0),
  fsync: z.enum(fsyncPolicies).optional(),
  fps: z.number().int().min(1).max(120).optional(),
  container: z.enum(containers).optional(),
  codec: z.enum(codecs).optional(),
  segmentSeconds: z.number().int().min(1).max(86_400).optional(),
  segmentMB: z.number().int().min(1).optional(),
});
export type ConsumerEntry = z.infer<typeof consumerEntry>;

/** Refuses entries of the same name. */
function named<T extends z.ZodType<{ name: string }>>(entry: T) {
  return z.array(entry).superRefine((entries, context) => {
    for (const [index, { name }] of entries.entries()) {
      if (entries.findIndex((other) => other.name === name) < index) {
        context.addIssue({ code: "custom", path: [index, "name"], message: `${name} is there twice` });
      }
    }
  });
}

export const cameraList = named(cameraEntry);
export const consumerList = named(consumerEntry);
/** Passwords of cameras by the camera's name. */
export const passwordMap = z.record(z.string(), z.string().min(1));

/** The lab's own camera, for which nothing has to be at hand. */
const testCamera: CameraEntry = { name: "camera", url: "test", topic: "camera", format: "jpeg" };
const GB = 1000;
const testConsumers: readonly ConsumerEntry[] = [
  { name: "frames", topic: "camera", kind: "frames", keepHours: 0, keepMB: GB },
  { name: "archive", topic: "camera", kind: "segments", keepHours: 0, keepMB: 2 * GB, segmentSeconds: 60 },
];

/** The cameras of a lab; without any in config, the test camera. */
export function camerasOf(entries: readonly CameraEntry[]): readonly CameraEntry[] {
  return entries.length === 0 ? [testCamera] : entries;
}

/** The consumers of a lab; without cameras in config, those of the test camera. */
export function consumersOf(
  cameras: readonly CameraEntry[],
  entries: readonly ConsumerEntry[],
): readonly ConsumerEntry[] {
  return cameras.length === 0 && entries.length === 0 ? testConsumers : entries;
}
