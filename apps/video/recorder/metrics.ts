import type { Metrics } from "../../common/metrics.ts";

export type RecorderMetrics = ReturnType<typeof recorderMetrics>;

/** @param waiting how many jobs for FFmpeg wait or run */
export function recorderMetrics(metrics: Metrics, waiting: () => number) {
  metrics.gauge("recorder_jobs_waiting", "Chunks and segments that FFmpeg has yet to work on.", [], (gauge) =>
    gauge.set(waiting()),
  );
  const result = {
    frames: metrics.counter("recorder_frames_total", "Frames by what became of them.", ["camera", "outcome"]),
    repeats: metrics.counter("recorder_repeats_total", "Slots filled with the frame before.", ["camera"]),
    closed: metrics.counter("recorder_segments_closed_total", "Segments closed, by the reason.", [
      "camera",
      "why",
    ]),
    finished: metrics.counter("recorder_files_total", "Recordings finished.", ["camera"]),
    bytes: metrics.counter("recorder_bytes_total", "Bytes of finished recordings.", ["camera"]),
    unreadable: metrics.counter("recorder_unreadable_total", "Pictures that FFmpeg could not read.", [
      "camera",
    ]),
    aside: metrics.counter("recorder_set_aside_total", "Chunks and segments that could not be made video."),
  };
  result.aside.inc(0);
  return result;
}
