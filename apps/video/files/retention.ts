import type { Dirent } from "node:fs";
import { readdir, rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "../../common/logging.ts";
import type { Counter, Gauge, Metrics } from "../../common/metrics.ts";
import { pause } from "../../common/retry.ts";
import { codeOf } from "../../media/atomic.ts";
import { cameraName } from "../../media/frame.ts";
import { finalName, isDay } from "../../media/layout.ts";

export interface RetentionOptions {
  /** Folder with `<camera>/<YYYY-MM-DD>/<file>`. */
  readonly root: string;
  /** Names of the files that the app makes; they begin with the time of day. Others are never touched. */
  readonly own: RegExp;
  /** Files last written longer ago are deleted; 0 sets no bound. */
  readonly maxAgeMs: number;
  /** Beyond this in all, the oldest are deleted; 0 sets no bound. */
  readonly maxBytes: number;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly now?: () => number;
}

const everyMs = 5000;

/**
 * Deletes the oldest files. The whole tree is read once, at the start; later only the folders of the oldest day are,
 * each time all files that were found there are gone.
 */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #deleted: Counter<"bound">;
  readonly #bytesGauge: Gauge;
  #bytes = 0;
  /** Paths of files of the oldest day, the oldest last. */
  #oldest: string[] = [];

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#deleted = options.metrics.counter("output_files_deleted_total", "Files deleted by retention.", [
      "bound",
    ]);
    for (const bound of ["age", "size"]) this.#deleted.inc({ bound }, 0);
    this.#bytesGauge = options.metrics.gauge("output_bytes", "Size of all files that are kept.");
  }

  /** Adds up what is there, and deletes what an earlier run left half-written. Call it before files are written. */
  async scan(): Promise<void> {
    const { root, own } = this.#options;
    this.#bytes = 0;
    for (const { day, cameras } of await this.#days()) {
      for (const camera of cameras) {
        const folder = join(root, camera, day);
        for (const name of await readdir(folder)) {
          const path = join(folder, name);
          if (own.test(name)) this.#bytes += (await stat(path)).size;
          else if (own.test(finalName(name) ?? "")) await rm(path, { force: true });
        }
      }
    }
    this.#bytesGauge.set(this.#bytes);
  }

  /** Tells of a file that was written. */
  added(bytes: number): void {
    this.#bytes += bytes;
    this.#bytesGauge.set(this.#bytes);
  }

  /** Deletes what is beyond the bounds, the oldest first. @returns how many files */
  async trim(): Promise<number> {
    const { maxAgeMs, maxBytes, now = Date.now } = this.#options;
    for (let deleted = 0; ; deleted += 1) {
      const tooMuch = maxBytes > 0 && this.#bytes > maxBytes;
      if (!tooMuch && maxAgeMs === 0) return deleted;
      const next = await this.#next();
      if (next === undefined) return deleted;
      if (!tooMuch && next.mtimeMs >= now() - maxAgeMs) return deleted;
      await rm(next.path, { force: true });
      this.#oldest.pop();
      this.added(-next.size);
      this.#deleted.inc({ bound: tooMuch ? "size" : "age" });
    }
  }

  /** Trims every few seconds until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const files = await this.trim();
        if (files > 0) this.#options.log.debug({ files }, "old files deleted");
        await pause(everyMs, signal);
      } catch (err) {
        if (signal.aborted) return;
        this.#options.log.error({ err }, "old files cannot be deleted; trying again");
        await pause(everyMs, signal).catch(() => this.#options.log.debug("retention ended"));
      }
    }
  }

  async #next(): Promise<{ path: string; size: number; mtimeMs: number } | undefined> {
    for (;;) {
      if (this.#oldest.length === 0) this.#oldest = await this.#listOldest();
      const path = this.#oldest.at(-1);
      if (path === undefined) return undefined;
      try {
        const { size, mtimeMs } = await stat(path);
        return { path, size, mtimeMs };
      } catch (error) {
        if (codeOf(error) !== "ENOENT") throw error;
        this.#oldest.pop();
      }
    }
  }

  /** The files of the first day that has any; folders of days without files go. */
  async #listOldest(): Promise<string[]> {
    const { root, own } = this.#options;
    for (const { day, cameras } of await this.#days()) {
      const found: { name: string; path: string }[] = [];
      for (const camera of cameras) {
        const folder = join(root, camera, day);
        const names = await readdir(folder);
        for (const name of names) if (own.test(name)) found.push({ name, path: join(folder, name) });
        if (names.length === 0) await removeEmpty(folder);
      }
      if (found.length > 0) {
        return found.sort((a, b) => (a.name < b.name ? 1 : -1)).map(({ path }) => path);
      }
    }
    return [];
  }

  /** Days that there are folders of, the first one first, each with its cameras. */
  async #days(): Promise<{ day: string; cameras: string[] }[]> {
    const { root } = this.#options;
    const days = new Map<string, string[]>();
    for (const camera of (await folders(root)).filter((name) => cameraName.test(name))) {
      for (const day of (await folders(join(root, camera))).filter(isDay)) {
        days.set(day, [...(days.get(day) ?? []), camera]);
      }
    }
    return [...days].sort(([a], [b]) => (a < b ? -1 : 1)).map(([day, cameras]) => ({ day, cameras }));
  }
}

async function folders(path: string): Promise<string[]> {
  const entries: Dirent[] = await readdir(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Someone may just be writing into it, and then it stays. */
async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(String(codeOf(error)))) throw error;
  }
}
