import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { pino } from "pino";
import { createMetrics, type Metrics } from "../../../common/metrics.ts";
import { Recorder } from "../recorder.ts";
import type { RecorderSettings } from "../settings.ts";

const run = promisify(execFile);

/** A recorder that nothing keeps from writing. */
export function openRecorder(
  root: string,
  settings: RecorderSettings,
  metrics: Metrics = createMetrics("test"),
): Recorder {
  return new Recorder({
    root,
    settings,
    metrics,
    guard: { ready: async () => undefined, trip: () => undefined },
    retention: { added: () => undefined },
    log: pino({ level: "silent" }),
    onState: () => undefined,
    signal: new AbortController().signal,
  });
}

/** What ffprobe says of a video, its frames counted one by one. */
export async function probe(path: string) {
  const { stdout } = await run("ffprobe", [
    ...["-v", "error", "-count_frames", "-select_streams", "v:0", "-show_streams", "-show_format"],
    ...["-of", "json", path],
  ]);
  const { streams, format } = JSON.parse(stdout);
  const [stream] = streams;
  return {
    codec: String(stream.codec_name),
    tag: String(stream.codec_tag_string),
    rate: String(stream.avg_frame_rate),
    width: Number(stream.width),
    frames: Number(stream.nb_read_frames),
    seconds: Number(format.duration),
    bytes: Number(format.size),
  };
}

/** How bright the upper left corner of each frame is, 0 to 255. */
export async function grayAt(path: string): Promise<number[]> {
  const filter = "crop=8:8:0:0,scale=1:1:out_range=pc,format=gray";
  const args = ["-v", "error", "-i", path, "-vf", filter, "-f", "rawvideo", "-"];
  const { stdout } = await run("ffmpeg", args, { encoding: "buffer" });
  return [...stdout];
}
