import type { TopicDefinition } from "../../../apps/common/topics.ts";
import { type FrameFormat, frameTopic, maxFrameMessageBytes } from "../../../apps/media/frame.ts";
import type { LabConfig } from "../../config/schema.ts";
import { type CameraEntry, type ConsumerEntry, camerasOf, consumersOf } from "./config.ts";

const KB = 1024;
const MB = 1024 * KB;
const hourMs = 3_600_000;

/** A camera with everything decided. */
export type PlannedCamera = CameraEntry & { readonly fps: number; readonly maxFrameKB: number };

/** The video pipeline as configured; empty when it is off. */
export interface VideoPlan {
  readonly cameras: readonly PlannedCamera[];
  readonly consumers: readonly ConsumerEntry[];
  /** Topics of frames, dead letters not included, each with what its cameras send at most, bytes a second. */
  readonly topics: readonly (TopicDefinition & {
    readonly format: FrameFormat;
    readonly bytesPerSecond: number;
  })[];
}

/** What config says of the video pipeline, with every default filled in. */
export function videoPlan({ video, kafka }: LabConfig): VideoPlan {
  if (!video.enabled) return { cameras: [], consumers: [], topics: [] };
  const cameras = camerasOf(video.cameras).map((camera) => ({
    ...camera,
    fps: camera.fps ?? video.fps,
    maxFrameKB: camera.maxFrameKB ?? video.maxFrameKB,
  }));
  const retentionBytes = video.retentionMB * MB;
  const topics = [...Map.groupBy(cameras, ({ topic }) => topic)].map(([name, senders]) => {
    const format = senders[0]?.format ?? "jpeg";
    const maxFrameBytes = Math.max(...senders.map(({ maxFrameKB }) => maxFrameKB)) * KB;
    const definition = frameTopic({
      name,
      format,
      partitions: video.partitions,
      retentionMs: video.retentionHours * hourMs,
      retentionBytes,
      segmentBytes: segmentBytes(
        retentionBytes,
        kafka.segmentMB,
        maxFrameMessageBytes(format, maxFrameBytes),
      ),
      maxFrameBytes,
    });
    const bytesPerSecond = senders.reduce(
      (sum, { fps, maxFrameKB }) => sum + fps * maxFrameMessageBytes(format, maxFrameKB * KB),
      0,
    );
    return { ...definition, format, bytesPerSecond };
  });
  return { cameras, consumers: consumersOf(video.cameras, video.consumers), topics };
}

/** Whether it is the lab's own camera, which is an app of the lab. */
export function isTestCamera({ url }: Pick<CameraEntry, "url">): boolean {
  return url === "test";
}

/** A segment of a quarter of what is kept, within the brokers' limit, and of two messages at least. */
export function segmentBytes(retentionBytes: number, segmentMB: number, messageBytes: number): number {
  return Math.max(Math.min(Math.floor(retentionBytes / 4), segmentMB * MB), 2 * messageBytes);
}

/** What the cameras' frames put on the lab's network, bytes a second. */
export interface NetworkLoad {
  /** Sent by all cameras. */
  readonly captured: number;
  /** Captured once more for each further replica, and once for each consumer of its topic. */
  readonly total: number;
}

export function networkLoad(config: LabConfig): NetworkLoad {
  const { topics, consumers } = videoPlan(config);
  const captured = topics.reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0);
  const total = topics.reduce((sum, { name, bytesPerSecond }) => {
    const readers = consumers.filter(({ topic }) => topic === name).length;
    // In from the camera, to the leader, to the other replicas, to the consumers.
    return sum + bytesPerSecond * (1 + config.video.replication + readers);
  }, 0);
  return { captured, total };
}
