/** What recordings can be; the one place that lists the codecs and containers that {@link ./ffmpeg.ts} writes. */
export const codecs = ["xvid", "mjpeg", "h264"] as const;
export const containers = ["avi", "mp4", "mkv"] as const;
export const qualities = ["low", "medium", "high"] as const;

export type Codec = (typeof codecs)[number];
export type Container = (typeof containers)[number];
export type Quality = (typeof qualities)[number];

/** What the video of a recording is like. */
export interface VideoSettings {
  readonly fps: number;
  readonly codec: Codec;
  readonly container: Container;
  readonly quality: Quality;
}
