import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface VideoFacts {
  readonly codec: string;
  readonly tag: string;
  readonly width: number;
  readonly height: number;
  readonly rate: string;
  /** By decoding every one. */
  readonly frames: number;
  /** Seconds. */
  readonly duration: number;
}

/** What ffprobe says of a video, after decoding all of it. */
export async function probe(path: string): Promise<VideoFacts> {
  const { stdout } = await run("ffprobe", [
    ...["-v", "error", "-count_frames", "-select_streams", "v:0", "-show_streams", "-show_format"],
    ...["-of", "json", path],
  ]);
  const { streams, format } = JSON.parse(stdout);
  const [stream] = streams;
  return {
    codec: stream.codec_name,
    tag: stream.codec_tag_string,
    width: stream.width,
    height: stream.height,
    rate: stream.r_frame_rate,
    frames: Number(stream.nb_read_frames),
    duration: Number(format.duration),
  };
}

/** The smallest and the largest value of a video's three planes over all frames, and the mean luma of each frame. */
export async function planes(path: string) {
  const { stdout } = await run(
    "ffprobe",
    [
      ...["-v", "error", "-f", "lavfi", "-i", `movie=${path},signalstats`, "-of", "json"],
      ...["-show_entries", "frame_tags=lavfi.signalstats.UMIN,lavfi.signalstats.UMAX,lavfi.signalstats.VMIN"],
      ...["-show_entries", "frame_tags=lavfi.signalstats.VMAX,lavfi.signalstats.YAVG"],
    ],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  const frames: Record<string, string>[] = JSON.parse(stdout).frames.map(
    ({ tags }: { tags: Record<string, string> }) => tags,
  );
  const all = (name: string) => frames.map((tags) => Number(tags[`lavfi.signalstats.${name}`]));
  return {
    u: [Math.min(...all("UMIN")), Math.max(...all("UMAX"))],
    v: [Math.min(...all("VMIN")), Math.max(...all("VMAX"))],
    luma: all("YAVG"),
  };
}
