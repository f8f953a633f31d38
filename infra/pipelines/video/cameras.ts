import type { FrameFormat } from "../../../apps/media/frame.ts";
import type { KeyOf, Settings } from "../../config/schema.ts";
import type { keys } from "./config.ts";
import { type CameraEntry, type ConsumerEntry, camerasOf, consumersOf } from "./entries.ts";

export type Own = Settings<typeof keys>;
export type Key = KeyOf<"video", typeof keys>;

/** A camera with everything decided. */
export type PlannedCamera = CameraEntry & { readonly fps: number; readonly maxFrameKB: number };

/** The cameras of the lab, with every default filled in. */
export function plannedCameras(own: Pick<Own, "cameras" | "fps" | "maxFrameKB">): readonly PlannedCamera[] {
  return camerasOf(own.cameras).map((camera) => ({
    ...camera,
    fps: camera.fps ?? own.fps,
    maxFrameKB: camera.maxFrameKB ?? own.maxFrameKB,
  }));
}

export function plannedConsumers(own: Pick<Own, "cameras" | "consumers">): readonly ConsumerEntry[] {
  return consumersOf(own.cameras, own.consumers);
}

/** The cameras by the topic that they send to. */
export function byTopic(cameras: readonly PlannedCamera[]): ReadonlyMap<string, readonly PlannedCamera[]> {
  return Map.groupBy(cameras, ({ topic }) => topic);
}

/** The format of each topic: that of its first camera, whose format all must have. */
export function formatsOf(cameras: readonly PlannedCamera[]): ReadonlyMap<string, FrameFormat> {
  return new Map(cameras.toReversed().map(({ topic, format }) => [topic, format]));
}

/** Whether it is the lab's own camera, which is an app of the lab. */
export function isTestCamera({ url }: Pick<CameraEntry, "url">): boolean {
  return url === "test";
}

/** What all services of the pipeline have. */
export function common(own: Pick<Own, "memoryMB">) {
  return { memory: { MB: own.memoryMB, key: "video.memoryMB", least: 256 } } as const;
}
