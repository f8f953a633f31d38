import { z } from "zod";
import { topicNamePattern } from "../../common/topics.ts";
import { cameraName, frameFormats, frameKeys } from "../../media/frame.ts";
import { sourceSpec } from "./sources/source.ts";

/** One camera, or a file or folder in its place, and what becomes of its frames. */
export const cameraSpec = z.strictObject({
  /** In headers, keys, metrics and file names. */
  name: z
    .string()
    .regex(cameraName, "must be letters, digits, '_' and '-', 63 at most, a letter or digit first"),
  topic: z.string().regex(topicNamePattern, "must be the name of a Kafka topic"),
  format: z.enum(frameFormats),
  /** `camera` keeps all its frames in order, in one partition; `frame` spreads them over all partitions. */
  keyedBy: z.enum(frameKeys).default("camera"),
  /** Frames a second: target and upper limit of a live source; files and folders have a pace of their own. */
  fps: z.number().min(0.1, "must be at least 0.1").max(240, "must be at most 240").default(30),
  /** Largest JPEG that is sent, KB of 1024 bytes; a larger one is encoded anew. */
  maxFrameKB: z
    .number()
    .min(8, "must be at least 8")
    .max(98_304, "must be at most 98304, which with its framing is Kafka's request of 100 MB")
    .default(100),
  source: sourceSpec,
});
export type CameraSpec = z.infer<typeof cameraSpec>;

/** All cameras of one producer. */
export const camerasSpec = z
  .array(cameraSpec)
  .min(1, "must have at least one camera")
  // It looks at input that may be wrong elsewhere, so that all problems are told at once.
  .superRefine(refuseDuplicates, { when: () => true });

function refuseDuplicates(cameras: unknown, context: z.core.$RefinementCtx): void {
  const seen = new Map<string, number>();
  for (const [index, camera] of (Array.isArray(cameras) ? cameras : []).entries()) {
    const name: unknown = camera?.name;
    if (typeof name !== "string") continue;
    const first = seen.get(name);
    if (first === undefined) seen.set(name, index);
    else {
      const message = `is the name of camera [${first}] already`;
      context.addIssue({ code: "custom", path: [index, "name"], message });
    }
  }
}

/** Whether frames come when they will, so that what cannot be sent in time must go; a file can wait. */
export function isLive({ source }: CameraSpec): boolean {
  return source.type !== "file" && source.type !== "folder";
}

/** Largest JPEG of a camera, in bytes. */
export function maxFrameBytes({ maxFrameKB }: Pick<CameraSpec, "maxFrameKB">): number {
  return Math.floor(maxFrameKB * 1024);
}
