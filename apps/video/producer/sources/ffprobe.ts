import { z } from "zod";
import { type ProcessOptions, runProcess } from "./ffmpeg.ts";

/** What is asked of the first video stream. */
export interface VideoStream {
  /** Codec by FFmpeg's name, such as `mjpeg` or `h264`. */
  readonly codec: string;
  /** Frames a second as FFmpeg writes them, `30000/1001`; undefined when it can't tell. */
  readonly rate: string | undefined;
}

const answer = z.object({
  streams: z.array(
    z.object({
      codec_name: z.string().optional(),
      avg_frame_rate: z.string().optional(),
      r_frame_rate: z.string().optional(),
    }),
  ),
});

/**
 * Asks ffprobe for the first video stream of an input.
 * @param input FFmpeg's options for the input, `-i` and the input
 * @throws when the input cannot be read or has no video
 */
export async function probeVideo(
  input: readonly string[],
  options: Omit<ProcessOptions, "args">,
): Promise<VideoStream> {
  const chunks: Buffer[] = [];
  const entries = "stream=codec_name,avg_frame_rate,r_frame_rate";
  const args = ["-v", "error", "-select_streams", "v:0", "-show_entries", entries, "-of", "json", ...input];
  await runProcess({ ...options, args }, (chunk) => void chunks.push(chunk));
  const [stream] = answer.parse(JSON.parse(Buffer.concat(chunks).toString("utf8"))).streams;
  if (stream?.codec_name === undefined) throw new Error("there is no video in it that FFmpeg can read");
  return { codec: stream.codec_name, rate: frameRate(stream.avg_frame_rate, stream.r_frame_rate) };
}

/**
 * The rate at which as many frames last as long as the input does: the mean, or, where it differs by rounding only (less
 * than 1 %), the exact rate of the stream.
 */
export function frameRate(mean: string | undefined, base: string | undefined): string | undefined {
  const meanRate = rateOf(mean);
  const baseRate = rateOf(base);
  if (meanRate === undefined) return baseRate === undefined ? undefined : base;
  return baseRate !== undefined && Math.abs(baseRate / meanRate - 1) < 0.01 ? base : mean;
}

/** FFmpeg writes `0/0` for a rate that it does not know. */
function rateOf(text: string | undefined): number | undefined {
  const [, over, under = "1"] = /^(\d+)(?:\/(\d+))?$/.exec(text ?? "") ?? [];
  const rate = Number(over) / Number(under);
  return Number.isFinite(rate) && rate > 0 ? rate : undefined;
}
