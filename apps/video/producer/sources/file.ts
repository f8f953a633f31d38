import { stat } from "node:fs/promises";
import { maxPixels } from "../../../media/jpeg.ts";
import { defaultTools, type FfmpegTools, readJpegs } from "./ffmpeg.ts";
import { jpegArgs } from "./ffmpeg-source.ts";
import { probeVideo } from "./ffprobe.ts";
import type { OnBad, OnFrame, Source } from "./source.ts";

export interface FileSpec {
  readonly path: string;
  readonly loop: boolean;
  /** `own`: at the rate of the file; `full`: as fast as frames are taken. */
  readonly pace: "own" | "full";
}

/** A video file: every frame of its first video stream, once and in order. */
export class FileSource implements Source {
  readonly ends: boolean;
  rate: string | undefined;
  readonly #spec: FileSpec;
  readonly #tools: FfmpegTools;

  constructor(spec: FileSpec, tools = defaultTools) {
    this.ends = !spec.loop;
    this.#spec = spec;
    this.#tools = tools;
  }

  async run(signal: AbortSignal, onFrame: OnFrame, onBad: OnBad): Promise<void> {
    const { path, loop, pace } = this.#spec;
    await stat(path).catch((error: NodeJS.ErrnoException) => {
      throw new Error(`the video file ${path} cannot be read (${error.code})`);
    });
    const { ffmpeg, ffprobe, killAfterMs } = this.#tools;
    const common = { killAfterMs, signal };
    // `file:` keeps a colon in the name from being read as a protocol.
    const input = ["-max_pixels", String(maxPixels), "-i", `file:${path}`];
    const { codec, rate } = await probeVideo(input, { ...common, program: ffprobe });
    this.rate = rate;
    const reading = [...(pace === "own" ? ["-re"] : []), ...(loop ? ["-stream_loop", "-1"] : []), ...input];
    await readJpegs({ ...common, program: ffmpeg, args: jpegArgs(reading, codec) }, onFrame, onBad);
  }
}
