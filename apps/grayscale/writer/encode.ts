import { spawn } from "node:child_process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { PictureSize } from "../../media/jpeg.ts";
import { formatRate, type Rate } from "./rate.ts";

export interface EncodeOptions {
  /** JPEGs, one a frame of the video. */
  readonly pictures: AsyncIterable<Buffer>;
  /** Number of the pictures. */
  readonly frames: number;
  readonly rate: Rate;
  /** Size of the video; pictures of another size are scaled to it. */
  readonly size: PictureSize;
  /** Path of the AVI file; replaced if it is there. */
  readonly output: string;
  /** FFmpeg's name of the encoder: `libxvid`, or `mpeg4`, which writes the same format. */
  readonly encoder: string;
  readonly signal: AbortSignal;
}

/** Quantiser of MPEG-4 Part 2, 1 to 31; 2 cannot be told from the original. */
const quantiser = "2";
/** Of FFmpeg's messages, the last ones; they say what went wrong. */
const maxMessages = 2000;

/**
 * Makes an AVI file, MPEG-4 Part 2 with the tag XVID, with as many frames as there are pictures.
 * @throws when FFmpeg fails or the file has another number of frames; the signal's reason when aborted
 */
export async function encodeVideo(options: EncodeOptions): Promise<void> {
  const { pictures, frames, output, signal } = options;
  signal.throwIfAborted();
  const child = spawn(process.env.FFMPEG_PATH ?? "ffmpeg", ffmpegArguments(options), {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const kill = () => child.kill("SIGKILL");
  signal.addEventListener("abort", kill, { once: true });
  let progress = "";
  let messages = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    progress = (progress + text).slice(-maxMessages);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    messages = (messages + text).slice(-maxMessages);
  });
  const exited = new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.on("error", (cause) =>
      reject(
        new Error("FFmpeg does not run; install it (apt-get install ffmpeg) or set FFMPEG_PATH", { cause }),
      ),
    );
    child.on("close", (code, killedBy) => resolve(code ?? killedBy));
  });
  const feeding = pipeline(Readable.from(pictures, { highWaterMark: 2 }), child.stdin).finally(() => {
    // Without all of its input, what FFmpeg makes is of no use.
    if (!child.stdin.writableFinished) kill();
  });
  try {
    const [fed, exit] = await Promise.allSettled([feeding, exited]);
    signal.throwIfAborted();
    if (exit.status === "rejected") throw exit.reason;
    if (exit.value !== 0) {
      // A pipe that broke says less than FFmpeg does; when FFmpeg says nothing, its input is what failed.
      if (fed.status === "rejected" && messages === "") throw fed.reason;
      throw new Error(`${output}: FFmpeg ended with ${exit.value}: ${messages.trim()}`);
    }
    if (fed.status === "rejected") throw fed.reason;
  } finally {
    signal.removeEventListener("abort", kill);
  }
  const made = framesIn(progress);
  if (made !== frames) {
    throw new Error(`${output}: FFmpeg made ${made} frames of ${frames}: ${messages.trim()}`);
  }
}

function ffmpegArguments({ rate, size, output, encoder }: EncodeOptions): string[] {
  const { width, height } = size;
  // JPEG has the full range of brightness, video the narrow one.
  const picture = `scale=${width}:${height}:out_range=tv,format=yuv420p`;
  return [
    ...["-hide_banner", "-loglevel", "error", "-progress", "pipe:1", "-y"],
    ...["-f", "image2pipe", "-c:v", "mjpeg", "-framerate", formatRate(rate), "-i", "pipe:0"],
    ...["-vf", picture, "-fps_mode", "cfr", "-r", formatRate(rate)],
    ...["-c:v", encoder, "-tag:v", "XVID", "-qscale:v", quantiser, "-bf", "0", "-an", "-f", "avi", output],
  ];
}

/** The number of frames in FFmpeg's last report (-progress). */
function framesIn(progress: string): number {
  return Number([...progress.matchAll(/^frame=\s*(\d+)$/gm)].at(-1)?.[1] ?? 0);
}
