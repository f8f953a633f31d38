import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf } from "../../common/errors.ts";
import type { Counter, Histogram, Metrics } from "../../common/metrics.ts";
import { latencyBuckets } from "../../common/metrics.ts";
import { codeOf, isNoSpace, makeFolder, syncFolder, writeAtomic } from "../../media/atomic.ts";
import type { DiskGuard } from "../../media/disk-guard.ts";
import type { Frame } from "../../media/frame.ts";
import { dayOf, timeOf } from "../../media/layout.ts";
import type { Retention } from "../files/retention.ts";
import type { FsyncPolicy } from "./env.ts";

/** Names of the files that the saver makes. */
export const savedFile = /^\d{2}-\d{2}-\d{2}\.\d{3}-\d+\.jpg$/;

/** Where a frame goes: `<camera>/<YYYY-MM-DD>/<HH-MM-SS.mmm>-<seq>.jpg`, in UTC, by the time of its capture. */
export function framePath({ camera, capturedUs, seq }: Pick<Frame, "camera" | "capturedUs" | "seq">): string {
  return join(camera, dayOf(capturedUs), `${timeOf(capturedUs)}-${seq}.jpg`);
}

export interface SaverOptions {
  readonly root: string;
  readonly fsync: FsyncPolicy;
  readonly guard: Pick<DiskGuard, "ready" | "trip">;
  readonly retention: Pick<Retention, "added">;
  readonly metrics: Metrics;
}

/** Files written at the same time. */
const width = 16;
/** Beyond this many known folders the saver forgets them; a camera has one a day. */
const maxFolders = 1000;

/** Writes frames as files. Saving a frame again does nothing, so the saver can be given what it was given before. */
export class FrameSaver {
  readonly #options: SaverOptions;
  readonly #saved: Counter<"camera">;
  readonly #bytes: Counter<"camera">;
  readonly #duplicates: Counter<"camera">;
  readonly #seconds: Histogram;
  readonly #folders = new Set<string>();

  constructor(options: SaverOptions) {
    this.#options = options;
    const { metrics } = options;
    this.#saved = metrics.counter("frame_saver_frames_total", "Frames written.", ["camera"]);
    this.#bytes = metrics.counter("frame_saver_bytes_total", "Bytes of frames written.", ["camera"]);
    this.#duplicates = metrics.counter("frame_saver_duplicates_total", "Frames that were there already.", [
      "camera",
    ]);
    this.#seconds = metrics.histogram("frame_saver_batch_seconds", "Time to write a batch.", latencyBuckets);
  }

  /**
   * Resolves when every frame is a file, as durable as the policy says. Waits while there is too little space.
   * @throws what the file system says; the frames are to be saved again then
   */
  async save(frames: readonly Frame[], signal: AbortSignal): Promise<void> {
    const { guard } = this.#options;
    await guard.ready(signal);
    const startMs = performance.now();
    // The same frame twice in one batch would be written twice at the same time.
    const files = [...new Map(frames.map((frame) => [framePath(frame), frame]))];
    try {
      for (let at = 0; at < files.length; at += width) {
        const group = files.slice(at, at + width);
        const outcomes = await Promise.allSettled(group.map(([path, frame]) => this.#write(path, frame)));
        for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
      }
      if (this.#options.fsync === "batch") await this.#syncFolders(files.map(([path]) => path));
    } catch (error) {
      // A folder may be gone: retention deletes those that are empty.
      this.#folders.clear();
      if (isNoSpace(error)) guard.trip(messageOf(error));
      throw error;
    }
    this.#seconds.observe((performance.now() - startMs) / 1000);
  }

  async #write(relative: string, { camera, jpeg }: Frame): Promise<void> {
    const { root, fsync, retention } = this.#options;
    const path = join(root, relative);
    if ((await sizeOf(path)) === jpeg.length) return this.#duplicates.inc({ camera });
    await this.#makeFolder(dirname(path));
    await writeAtomic(path, jpeg, fsync !== "none");
    if (fsync === "each") await syncFolder(dirname(path));
    retention.added(jpeg.length);
    this.#saved.inc({ camera });
    this.#bytes.inc({ camera }, jpeg.length);
  }

  async #makeFolder(folder: string): Promise<void> {
    if (this.#folders.has(folder)) return;
    await makeFolder(folder);
    if (this.#folders.size >= maxFolders) this.#folders.clear();
    this.#folders.add(folder);
  }

  async #syncFolders(paths: readonly string[]): Promise<void> {
    const folders = new Set(paths.map((path) => join(this.#options.root, dirname(path))));
    await Promise.all([...folders].map(syncFolder));
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
