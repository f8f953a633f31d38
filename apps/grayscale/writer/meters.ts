import type { Metrics } from "../../common/metrics.ts";

/** Bucket bounds in seconds for the time that a video takes. */
const buckets = [0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600];

/** @param waiting how many videos are not made yet */
export function writerMeters(metrics: Metrics, waiting: () => number) {
  const counter = (name: string, help: string) => {
    const made = metrics.counter(name, help);
    made.inc(0);
    return made;
  };
  metrics.gauge("video_writer_waiting_videos", "Videos whose frames are being collected.", [], (gauge) =>
    gauge.set(waiting()),
  );
  return {
    stored: counter("video_writer_frames_total", "Frames and ends that were stored."),
    duplicates: counter("video_writer_duplicates_total", "Frames and ends that were there already."),
    videos: counter("video_writer_videos_total", "Videos made."),
    failed: counter("video_writer_failures_total", "Videos that could not be made."),
    seconds: metrics.histogram("video_writer_encode_seconds", "Time to make a video.", buckets),
  };
}
