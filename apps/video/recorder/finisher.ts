import { rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../common/errors.ts";
import type { Logger } from "../../common/logging.ts";
import type { Metrics } from "../../common/metrics.ts";
import { isNoSpace } from "../../media/atomic.ts";
import type { DiskGuard } from "../../media/disk-guard.ts";
import type { Retention } from "../files/retention.ts";
import { encodeChunk, joinSegment } from "./finish.ts";
import { JobQueue } from "./jobs.ts";
import { type RecorderMetrics, recorderMetrics } from "./metrics.ts";
import { asidePath, cameraFolder, journalPath, listParts, type Segment } from "./segment.ts";

export interface FinisherOptions {
  /** The output folder. */
  readonly root: string;
  readonly guard: Pick<DiskGuard, "ready" | "trip">;
  readonly retention: Pick<Retention, "added">;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Told what is wrong while FFmpeg fails; for `/healthz`. */
  readonly onState: (problem: string | undefined) => void;
  /** Aborted when the app is to end. */
  readonly signal: AbortSignal;
}

/** Sizes of a segment's chunks that are video already, and how many are not yet. */
interface Extent {
  bytes: number;
  largest: number;
  pending: number;
}

const maxWaitingJobs = 8;
const attempts = 3;

/** Makes chunks into video and joins them, one after the other; what cannot be made video is set aside. */
export class Finisher {
  readonly #options: FinisherOptions;
  readonly queue: JobQueue;
  readonly metrics: RecorderMetrics;
  readonly #extents = new Map<string, Extent>();

  constructor(options: FinisherOptions) {
    this.#options = options;
    const { guard, log, onState, signal } = options;
    this.queue = new JobQueue({
      most: maxWaitingJobs,
      attempts,
      isShortage,
      log,
      onState,
      signal,
      ready: (until) => guard.ready(until),
    });
    this.metrics = recorderMetrics(options.metrics, () => this.queue.waiting);
  }

  addChunk(segment: Segment, first: number): void {
    const { camera, folder } = segment;
    const extent = this.#extent(folder);
    extent.pending += 1;
    const journal = journalPath(segment, first);
    this.queue.add({
      name: `encode ${journal}`,
      run: tripping(this.#options.guard, async () => {
        const { slots, frames, bytes } = await encodeChunk(segment, first);
        extent.pending -= 1;
        extent.bytes += bytes;
        extent.largest = Math.max(extent.largest, bytes);
        if (frames >= slots) return;
        this.metrics.unreadable.inc({ camera }, slots - frames);
        this.#options.log.warn({ camera, slots, frames }, "FFmpeg could not read all pictures of a chunk");
      }),
      giveUp: () => {
        extent.pending -= 1;
        return this.#setAside(journal, asidePath(segment, first));
      },
    });
  }

  /** Joins a segment, all of whose chunks were added before. */
  addJoin(segment: Segment): void {
    const { root, guard, retention, log } = this.#options;
    const { camera, folder, number, target } = segment;
    this.queue.add({
      name: `finish ${target}`,
      run: tripping(guard, async () => {
        const bytes = await joinSegment(root, segment);
        this.#extents.delete(folder);
        if (bytes === 0) return;
        retention.added(bytes);
        this.metrics.finished.inc({ camera });
        this.metrics.bytes.inc({ camera }, bytes);
        log.info({ file: target, bytes }, "recording finished");
      }),
      giveUp: () => this.#setAside(folder, join(cameraFolder(root, camera), `bad-${number}`)),
    });
  }

  /** Whether the chunk that is complete just now and another one make a segment larger than `maxBytes`. */
  isFull({ folder }: Segment, journalBytes: number, maxBytes: number): boolean {
    const { bytes, largest, pending } = this.#extent(folder);
    return bytes + (pending + 2) * (largest || journalBytes) > maxBytes;
  }

  /** Finds out how large a segment of an earlier process is. */
  async measure(segment: Segment): Promise<void> {
    const extent = this.#extent(segment.folder);
    for (const { path } of await listParts(segment)) {
      const { size } = await stat(path);
      extent.bytes += size;
      extent.largest = Math.max(extent.largest, size);
    }
  }

  /** What cannot be made video must not hold up the rest, nor be lost: someone may look into it. */
  async #setAside(path: string, aside: string): Promise<void> {
    await rename(path, aside);
    this.keptAside(aside);
  }

  /** Counts and tells of what was set aside. */
  keptAside(aside: string): void {
    this.metrics.aside.inc();
    this.#options.log.error({ path: aside }, "could not be made video and is kept here");
  }

  #extent(folder: string): Extent {
    const known = this.#extents.get(folder);
    if (known !== undefined) return known;
    const extent = { bytes: 0, largest: 0, pending: 0 };
    this.#extents.set(folder, extent);
    return extent;
  }
}

/** The same work, which tells the guard when there is no space for it. */
export function tripping(guard: Pick<DiskGuard, "trip">, work: () => Promise<void>): () => Promise<void> {
  return async () => {
    try {
      await work();
    } catch (error) {
      if (isShortage(error)) guard.trip(messageOf(error));
      throw error;
    }
  };
}

/** FFmpeg says in words what the file system says by a code. */
function isShortage(error: unknown): boolean {
  return isNoSpace(error) || messageOf(error).includes("No space left on device");
}
