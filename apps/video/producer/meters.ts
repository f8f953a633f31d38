import { latencyBuckets, type Metrics } from "../../common/metrics.ts";

/** Bucket bounds of frame sizes, bytes: up to the 100 KB that frames are usually kept below, and beyond. */
const frameBuckets = [8, 16, 32, 48, 64, 80, 90, 100, 128, 256, 512, 1024, 4096, 16_384].map(
  (kb) => kb * 1024,
);

/** What is counted of each camera, and what Prometheus says of it. */
export const countHelp = {
  captured: "Frames that the source delivered.",
  skipped: "Frames of a live source left out to hold the frame rate.",
  dropped: "Frames pushed out unsent, the oldest first, because they came faster than they could be sent.",
  passed_through: "Frames handed to Kafka with the bytes of the source.",
  shrunk: "Frames encoded anew to stay below the size limit.",
  bad: "Frames and parts that were damaged or could not be brought below the size limit.",
  sent: "Frames that all in-sync replicas have.",
  lost: "Frames handed to Kafka that it refused for good, or that were given up at the end.",
  retries: "Requests to Kafka that were tried again.",
  reconnects: "Times that the source was opened again.",
} as const;
export type CountName = keyof typeof countHelp;

const metricNames: Readonly<Record<CountName, string>> = {
  captured: "video_frames_captured_total",
  skipped: "video_frames_skipped_total",
  dropped: "video_frames_dropped_total",
  passed_through: "video_frames_passed_through_total",
  shrunk: "video_frames_shrunk_total",
  bad: "video_frames_bad_total",
  sent: "video_frames_sent_total",
  lost: "video_frames_lost_total",
  retries: "video_send_retries_total",
  reconnects: "video_reconnects_total",
};

/** Prometheus metrics of one camera, each with the label `camera`. */
export function cameraMeters(metrics: Metrics, camera: string) {
  const labels = ["camera"] as const;
  const counter = (name: CountName) => {
    const bound = metrics.counter(metricNames[name], countHelp[name], labels).labels(camera);
    // Shown from the start, so that an increase from nothing is seen as one.
    bound.inc(0);
    return bound;
  };
  const gauge = (name: string, help: string) => metrics.gauge(name, help, labels).labels(camera);
  const histogram = (name: string, help: string, buckets: readonly number[]) =>
    metrics.histogram(name, help, buckets, labels).labels(camera);
  const names = Object.keys(countHelp) as CountName[];
  return {
    counts: Object.fromEntries(names.map((name) => [name, counter(name)])) as Record<
      CountName,
      ReturnType<typeof counter>
    >,
    events: metrics.counter("video_capture_events_total", "What happened to the source, by kind.", [
      "camera",
      "event",
    ]),
    bytes: histogram("video_frame_bytes", "Size of the frames handed to Kafka.", frameBuckets),
    acknowledged: histogram(
      "video_capture_to_acknowledged_seconds",
      "From when a frame was complete at the producer to when all in-sync replicas had it.",
      latencyBuckets,
    ),
    fpsAsked: gauge("video_fps_asked", "Frames a second that a live source is thinned to at present."),
    fpsReached: gauge("video_fps_reached", "Frames a second acknowledged in the last interval."),
    sizeLevel: gauge(
      "video_frame_size_level",
      "Size of the captured frames (p95) against the limit: 0 green, 1 yellow (above 90 %), 2 red (above it).",
    ),
    queued: gauge("video_frames_queued", "Frames that wait to be sent."),
  };
}
