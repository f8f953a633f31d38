import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../common/errors.ts";
import type { Logger } from "../../common/logging.ts";
import type { Metrics } from "../../common/metrics.ts";
import { retry } from "../../common/retry.ts";
import { isNoSpace, syncFile, syncFolder } from "../../media/atomic.ts";
import type { DiskGuard } from "../../media/disk-guard.ts";
import { temporaryName } from "../../media/layout.ts";
import type { ProcessedMessage } from "../contract.ts";
import { encodeVideo } from "./encode.ts";
import { writerMeters } from "./meters.ts";
import { folderName, NoPicturesError, type VideoEnd, VideoParts } from "./parts.ts";
import { mpeg4Rate } from "./rate.ts";

export interface WriterOptions {
  readonly outputDir: string;
  /** See OUTPUT_NAME in env.ts. */
  readonly outputName: string;
  readonly workDir: string;
  /** FFmpeg's name of the encoder. */
  readonly encoder: string;
  readonly defaultFps: number;
  readonly stallMs: number;
  readonly keepMs: number;
  readonly guard: Pick<DiskGuard, "ready" | "trip">;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Told whether videos can be made, with the reason when not; for `/healthz`. */
  readonly onState: (problem: string | undefined) => void;
  readonly signal: AbortSignal;
}

/** Attempts to make a video before it is left aside, so that it does not keep others from being made. */
const attempts = 5;

/**
 * Makes videos of processed frames. The frames wait as files until all of a video are there, so that offsets can be
 * committed as they come and memory stays small; a video is made once the end of its stream is known, however early
 * that came, and every frame has come or is known to be lost. One video is made at a time, while others are collected.
 */
export class VideoWriter {
  readonly #options: WriterOptions;
  readonly #meters: ReturnType<typeof writerMeters>;
  readonly #videos = new Map<string, VideoParts>();
  readonly #queued = new Set<VideoParts>();
  #making: Promise<void> = Promise.resolve();

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#meters = writerMeters(options.metrics, () => this.#waiting());
  }

  /** Takes up what a former writer left in the work folder. */
  async recover(): Promise<void> {
    const { workDir, outputDir, log } = this.#options;
    await mkdir(outputDir, { recursive: true });
    await mkdir(workDir, { recursive: true });
    const entries = await readdir(workDir, { withFileTypes: true });
    for (const { name } of entries.filter((entry) => entry.isDirectory())) {
      const parts = await this.#open(name);
      // A crash can have come between marking a video as made and deleting its frames.
      if (parts.done) await parts.markDone();
      else log.info({ folder: parts.folder, end: parts.end }, "frames from before taken up");
      this.#check(parts);
    }
  }

  /** Resolves when the messages are on the disk; waits while there is too little space. Videos are made later. */
  async write(messages: readonly ProcessedMessage[], signal: AbortSignal): Promise<void> {
    const { guard } = this.#options;
    await guard.ready(signal);
    try {
      for (const [name, group] of Map.groupBy(messages, folderName)) {
        const parts = await this.#open(name);
        const fresh = await parts.add(group);
        this.#meters.stored.inc(fresh);
        this.#meters.duplicates.inc(group.length - fresh);
        this.#check(parts);
      }
    } catch (error) {
      if (isNoSpace(error)) guard.trip(messageOf(error));
      throw error;
    }
  }

  /** Completes videos whose missing frames do not come any more, and deletes what is left of old ones. */
  async sweep(): Promise<void> {
    const { stallMs, keepMs, log } = this.#options;
    for (const [name, parts] of this.#videos) {
      if (this.#queued.has(parts)) continue;
      if (parts.idleMs > keepMs && (await parts.ageMs()) > keepMs) {
        await rm(parts.folder, { recursive: true, force: true });
        this.#videos.delete(name);
        log.info({ folder: parts.folder, made: parts.done || parts.filled }, "old frames deleted");
      } else if (parts.end !== undefined && !parts.done && !parts.filled && parts.idleMs > stallMs) {
        log.error(
          { ...parts.end, missing: parts.missing },
          "frames are missing for too long; the video is made without",
        );
        this.#enqueue(parts, parts.end);
      }
    }
  }

  /** Resolves when no video is being made any more; those that were begun are given up when the signal has aborted. */
  async idle(): Promise<void> {
    await this.#making;
  }

  async #open(name: string): Promise<VideoParts> {
    const known = this.#videos.get(name);
    if (known !== undefined) return known;
    const parts = await VideoParts.open(join(this.#options.workDir, name));
    this.#videos.set(name, parts);
    return parts;
  }

  #check(parts: VideoParts): void {
    if (!parts.done && parts.end !== undefined && parts.complete) this.#enqueue(parts, parts.end);
  }

  #waiting(): number {
    return [...this.#videos.values()].filter((parts) => !parts.done).length;
  }

  #enqueue(parts: VideoParts, end: VideoEnd): void {
    if (this.#queued.has(parts)) return;
    this.#queued.add(parts);
    this.#making = this.#making.then(async () => {
      await this.#attempt(parts, end);
      this.#queued.delete(parts);
      // The last frames may have come while the video was made without them.
      if (parts.filled) this.#check(parts);
    });
  }

  async #attempt(parts: VideoParts, end: VideoEnd): Promise<void> {
    const { log, signal, onState } = this.#options;
    const name = `${end.camera}/${end.run}/${end.step}`;
    try {
      await retry(() => this.#make(parts, end), {
        attempts,
        signal,
        baseMs: 1000,
        isRetryable: (error) => !(error instanceof NoPicturesError),
        onRetry: (err, attempt) => {
          onState(`the video of ${name} cannot be made: ${messageOf(err)}`);
          log.warn({ err, attempt, ...end }, "the video cannot be made; trying again");
        },
      });
      onState(undefined);
    } catch (err) {
      if (signal.aborted) return;
      this.#meters.failed.inc();
      log.error({ err, ...end, folder: parts.folder }, "the video cannot be made; its frames are kept");
      // A source without a single good frame says nothing about this app.
      onState(
        err instanceof NoPicturesError
          ? undefined
          : `the video of ${name} cannot be made: ${messageOf(err)}; fix: correct that and restart, the frames are in ${parts.folder}`,
      );
    }
  }

  async #make(parts: VideoParts, end: VideoEnd): Promise<void> {
    const { outputDir, encoder, defaultFps, guard, signal, log } = this.#options;
    await guard.ready(signal);
    const startMs = performance.now();
    const missing = parts.missing;
    const name = outputFile(this.#options.outputName, end);
    const temporary = join(outputDir, temporaryName(name));
    try {
      const size = await parts.size();
      await encodeVideo({
        pictures: parts.pictures(),
        frames: end.frames,
        rate: mpeg4Rate(end.rate ?? String(defaultFps)),
        size,
        output: temporary,
        encoder,
        signal,
      });
      await syncFile(temporary);
      await rename(temporary, join(outputDir, name));
      await syncFolder(outputDir);
    } catch (error) {
      await rm(temporary, { force: true });
      if (isNoSpace(error)) guard.trip(messageOf(error));
      throw error;
    }
    await (missing > 0 ? parts.markFilled() : parts.markDone());
    const seconds = (performance.now() - startMs) / 1000;
    this.#meters.videos.inc();
    this.#meters.seconds.observe(seconds);
    log.info({ ...end, name, missing, seconds }, "video made");
  }
}

/** Name of the file of a video: OUTPUT_NAME, with the step's name before the ending unless that is grayscale. */
export function outputFile(outputName: string, { camera, step }: Pick<VideoEnd, "camera" | "step">): string {
  const named = outputName.replaceAll("{camera}", camera);
  return step === "grayscale" ? named : named.replace(/\.avi$/, `-${step}.avi`);
}
