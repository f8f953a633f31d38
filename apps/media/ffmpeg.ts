/** The one file that uses fluent-ffmpeg, and so FFmpeg: all encoding, joining and counting of video is here. */
import type { Readable } from "node:stream";
import ffmpeg, { type FfmpegCommand } from "fluent-ffmpeg";
import type { Codec, Container, Quality, VideoSettings } from "./recording.ts";

/** FFmpeg's names for codecs, the best one first; mjpeg is not encoded, frames are copied. */
const encoders: Readonly<Record<Exclude<Codec, "mjpeg">, readonly string[]>> = {
  // Both write MPEG-4 Part 2 (Advanced Simple Profile), which is what the tag XVID stands for.
  xvid: ["libxvid", "mpeg4"],
  h264: ["libx264"],
};
const muxers: Readonly<Record<Container, string>> = { avi: "avi", mp4: "mp4", mkv: "matroska" };
/** Quantiser of MPEG-4 Part 2, 1 to 31, smaller is better. */
const quantisers: Readonly<Record<Quality, number>> = { low: 8, medium: 4, high: 2 };
/** Constant rate factor of x264, 0 to 51, smaller is better. */
const rateFactors: Readonly<Record<Quality, number>> = { low: 28, medium: 23, high: 18 };

/** Container of the parts that a recording is joined from: one that keeps the codec's times exactly. */
export function partContainer(codec: Codec): Container {
  return codec === "h264" ? "mp4" : "avi";
}

/**
 * Finds FFmpeg's encoder for a codec.
 * @returns its name; `copy` for mjpeg
 * @throws when there is no FFmpeg, or it has no such encoder
 */
export async function findEncoder(codec: Codec): Promise<string> {
  const available = await new Promise<Record<string, unknown>>((resolve, reject) =>
    ffmpeg.getAvailableEncoders((error: unknown, found) =>
      error ? reject(notFound(error)) : resolve(found),
    ),
  );
  if (codec === "mjpeg") return "copy";
  const encoder = encoders[codec].find((name) => Object.hasOwn(available, name));
  if (encoder !== undefined) return encoder;
  throw new Error(
    `CODEC=${codec}: this FFmpeg has none of the encoders ${encoders[codec].join(", ")} (see ffmpeg -encoders); set another CODEC, or install an FFmpeg that has one`,
  );
}

function notFound(cause: unknown): Error {
  return new Error("FFmpeg does not run; install it (apt-get install ffmpeg) or set FFMPEG_PATH", { cause });
}

/**
 * Makes a video of JPEGs, each one frame of it.
 * @param frames JPEGs; whole ones, a chunk each
 * @param encoder from {@link findEncoder}
 * @throws when FFmpeg fails or takes longer than `timeoutMs`
 */
export function encode(
  frames: Readable,
  output: string,
  settings: VideoSettings,
  encoder: string,
  timeoutMs: number,
): Promise<void> {
  const command = ffmpeg({ source: frames, timeout: timeoutMs / 1000, stdoutLines: 20 })
    .inputFormat("image2pipe")
    .inputOptions(["-c:v", "mjpeg", "-framerate", String(settings.fps)])
    .outputOptions(["-an", "-c:v", encoder, ...encoderOptions(settings)])
    .format(muxers[partContainer(settings.codec)]);
  return run(command, output);
}

function encoderOptions({ fps, codec, quality }: VideoSettings): string[] {
  // Copied JPEGs would be taken for fields, two a frame, if the rate were not said again.
  if (codec === "mjpeg") return ["-r", String(fps)];
  // JPEG has the full range of brightness and any size; these codecs have the narrow range and even sizes. A frame
  // that cannot be decoded is replaced by the one before (cfr), so that the length stays right.
  const picture = [
    "-vf",
    "scale=trunc(iw/2)*2:trunc(ih/2)*2:out_range=tv,format=yuv420p",
    "-fps_mode",
    "cfr",
  ];
  const keyframes = ["-g", String(fps * 2), "-bf", "0"];
  if (codec === "xvid")
    return [...picture, ...keyframes, "-tag:v", "XVID", "-qscale:v", String(quantisers[quality])];
  return [...picture, ...keyframes, "-preset", "veryfast", "-crf", String(rateFactors[quality])];
}

/**
 * Joins videos of one codec and size, frame by frame as they are.
 * @param list path of a file of the form that FFmpeg's concat demuxer reads
 */
export function join(
  list: string,
  output: string,
  { codec, container }: VideoSettings,
  timeoutMs: number,
): Promise<void> {
  const tag = codec === "xvid" && container === "avi" ? ["-tag:v", "XVID"] : [];
  const command = ffmpeg({ source: list, timeout: timeoutMs / 1000, stdoutLines: 20 })
    .inputFormat("concat")
    .inputOptions(["-safe", "0"])
    .outputOptions(["-c", "copy", ...tag])
    .format(muxers[container]);
  return run(command, output);
}

/** How many frames a video has, by reading it to its end. @throws when it is no video */
export async function countFrames(path: string): Promise<number> {
  const data = await new Promise<ffmpeg.FfprobeData>((resolve, reject) =>
    ffmpeg.ffprobe(path, ["-count_packets", "-select_streams", "v:0"], (error: unknown, found) =>
      error ? reject(error) : resolve(found),
    ),
  );
  const frames = Number(data.streams[0]?.nb_read_packets);
  if (!Number.isInteger(frames)) throw new Error(`${path} has no video`);
  return frames;
}

/** The error of a failed run has FFmpeg's own last lines, since its exit code says little. */
function run(command: FfmpegCommand, output: string): Promise<void> {
  return new Promise((resolve, reject) => {
    command
      .on("end", () => resolve())
      .on("error", (error: Error, _stdout: unknown, stderr: unknown) => {
        const lines = String(stderr ?? "")
          .trim()
          .split("\n")
          .slice(-6)
          .join("; ");
        reject(new Error(`${output}: ${error.message}${lines === "" ? "" : `: ${lines}`}`, { cause: error }));
      })
      .save(output);
  });
}
