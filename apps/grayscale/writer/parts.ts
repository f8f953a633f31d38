import { createHash } from "node:crypto";
import { open, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { makeFolder, syncFolder, writeAtomic } from "../../media/atomic.ts";
import { jpegSize, type PictureSize } from "../../media/jpeg.ts";
import type { ProcessedMessage } from "../contract.ts";
import { SeqSet } from "./seq-set.ts";

const endSchema = z.object({
  camera: z.string(),
  run: z.string(),
  step: z.string(),
  frames: z.int(),
  rate: z.string().optional(),
});

/** What is known of a video when the end of its stream has come. */
export type VideoEnd = z.infer<typeof endSchema>;

const endFile = "end.json";
/** The video was made although frames were missing. */
const filledFile = "filled";
/** The video was made, and nothing of it is wanted any more. */
const doneFile = "done";

/** Files written at the same time. */
const width = 16;
/** A JPEG's size is in its first bytes unless it carries metadata. */
const headBytes = 4096;

/** Name of the folder of a video: the source, the step and a digest of all that tells videos apart. */
export function folderName({ camera, run, step }: Pick<VideoEnd, "camera" | "run" | "step">): string {
  const digest = createHash("sha256").update(`${camera}/${step}/${run}`).digest("hex").slice(0, 16);
  return `${camera}-${step}-${digest}`;
}

/**
 * The frames of one video while they come, in any order and more than once: files `<seq>.jpg`, or `<seq>.lost` for a
 * frame that has no picture, in a folder of their own. In memory is a bit a frame.
 */
export class VideoParts {
  readonly folder: string;
  readonly #pictures = new SeqSet();
  readonly #lost = new SeqSet();
  #end: VideoEnd | undefined;
  #done = false;
  #filled = false;
  #touchedMs = performance.now();

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes the folder of a video, or reads what is in it from before. */
  static async open(folder: string): Promise<VideoParts> {
    const parts = new VideoParts(folder);
    await makeFolder(folder);
    for (const name of await readdir(folder)) await parts.#found(name);
    return parts;
  }

  get end(): VideoEnd | undefined {
    return this.#end;
  }

  /** The video was made; frames that come now came before. */
  get done(): boolean {
    return this.#done;
  }

  /** The video was made with frames missing. */
  get filled(): boolean {
    return this.#filled;
  }

  /** The end is known, and every frame has come or is known to be lost. */
  get complete(): boolean {
    return this.#end !== undefined && this.missing === 0;
  }

  /** Frames that have neither come nor been announced as lost; of a video whose end is known. */
  get missing(): number {
    const frames = this.#end?.frames ?? 0;
    let missing = 0;
    for (let seq = 0; seq < frames; seq += 1) if (!this.#knows(seq)) missing += 1;
    return missing;
  }

  /** Time without anything new, ms. */
  get idleMs(): number {
    return performance.now() - this.#touchedMs;
  }

  /** Age of the last change, ms, across restarts. */
  async ageMs(): Promise<number> {
    return Date.now() - (await stat(this.folder)).mtimeMs;
  }

  /**
   * Resolves when all of it is on the disk.
   * @returns how many were new
   * @throws what the file system says; they are to be added again then
   */
  async add(messages: readonly ProcessedMessage[]): Promise<number> {
    const fresh = [...new Map(messages.map((message) => [fileOf(message), message]))].filter(([, message]) =>
      this.#isNew(message),
    );
    if (fresh.length === 0) return 0;
    for (let at = 0; at < fresh.length; at += width) {
      const group = fresh.slice(at, at + width);
      const writes = group.map(([name, message]) =>
        writeAtomic(join(this.folder, name), contentOf(message), true),
      );
      for (const outcome of await Promise.allSettled(writes)) {
        if (outcome.status === "rejected") throw outcome.reason;
      }
    }
    await syncFolder(this.folder);
    for (const [name, message] of fresh) {
      if (message.kind === "end") this.#end = endOf(message);
      else this.#note(name);
    }
    this.#touchedMs = performance.now();
    return fresh.length;
  }

  /**
   * The pictures of the video in order, one a frame; a frame without one has that of the frame before it, or, at the
   * beginning, the first that there is.
   */
  async *pictures(): AsyncGenerator<Buffer> {
    const frames = this.#end?.frames ?? 0;
    let current: Buffer | undefined;
    for (let seq = 0; seq < frames; seq += 1) {
      if (this.#pictures.has(seq)) current = await readFile(this.#picture(seq));
      current ??= await readFile(this.#picture(this.#first(frames)));
      yield current;
    }
  }

  /** The largest size among the pictures; the source may have been scaled down for a while. */
  async size(): Promise<PictureSize> {
    const frames = this.#end?.frames ?? 0;
    let largest: PictureSize | undefined;
    for (let seq = this.#first(frames); seq < frames; seq += 1) {
      if (!this.#pictures.has(seq)) continue;
      const size = await sizeOf(this.#picture(seq));
      if (largest === undefined || size.width * size.height > largest.width * largest.height) largest = size;
    }
    if (largest === undefined) throw new Error(`${this.folder} has no pictures`);
    return largest;
  }

  /** Says that the video was made with frames missing; its parts are kept in case they come. */
  async markFilled(): Promise<void> {
    await writeAtomic(join(this.folder, filledFile), "", true);
    await syncFolder(this.folder);
    this.#filled = true;
  }

  /** Says that the video was made and deletes the frames. */
  async markDone(): Promise<void> {
    await writeAtomic(join(this.folder, doneFile), "", true);
    await syncFolder(this.folder);
    this.#done = true;
    await this.#clear();
  }

  async #clear(): Promise<void> {
    for (const name of await readdir(this.folder)) {
      if (name !== doneFile) await rm(join(this.folder, name), { force: true });
    }
  }

  async #found(name: string): Promise<void> {
    if (name === doneFile) this.#done = true;
    else if (name === filledFile) this.#filled = true;
    else if (name === endFile) {
      this.#end = endSchema.parse(JSON.parse(await readFile(join(this.folder, name), "utf8")));
    } else this.#note(name);
  }

  #note(name: string): void {
    const [, seq, kind] = /^(\d{8})\.(jpg|lost)$/.exec(name) ?? [];
    if (seq === undefined) return;
    (kind === "jpg" ? this.#pictures : this.#lost).add(Number(seq));
  }

  #isNew(message: ProcessedMessage): boolean {
    if (this.#done) return false;
    if (message.kind === "end") return this.#end === undefined;
    return message.kind === "frame" ? !this.#pictures.has(message.seq) : !this.#knows(message.seq);
  }

  #knows(seq: number): boolean {
    return this.#pictures.has(seq) || this.#lost.has(seq);
  }

  #first(frames: number): number {
    for (let seq = 0; seq < frames; seq += 1) if (this.#pictures.has(seq)) return seq;
    throw new NoPicturesError(frames);
  }

  #picture(seq: number): string {
    return join(this.folder, partName(seq, "jpg"));
  }
}

/** No frame of a video could be processed, so that there is nothing to show. */
export class NoPicturesError extends Error {
  constructor(frames: number) {
    super(`none of ${frames} frames has a picture`);
    this.name = "NoPicturesError";
  }
}

function partName(seq: number, kind: "jpg" | "lost"): string {
  return `${String(seq).padStart(8, "0")}.${kind}`;
}

function fileOf(message: ProcessedMessage): string {
  if (message.kind === "end") return endFile;
  return partName(message.seq, message.kind === "frame" ? "jpg" : "lost");
}

function contentOf(message: ProcessedMessage): Buffer | string {
  if (message.kind === "end") return JSON.stringify(endOf(message));
  return message.kind === "frame" ? message.jpeg : message.reason;
}

function endOf({ camera, run, step, frames, rate }: ProcessedMessage & { readonly kind: "end" }): VideoEnd {
  return { camera, run, step, frames, ...(rate === undefined ? {} : { rate }) };
}

async function sizeOf(path: string): Promise<PictureSize> {
  const handle = await open(path, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    const size = jpegSize(buffer.subarray(0, bytesRead)) ?? jpegSize(await readFile(path));
    if (size === undefined) throw new Error(`${path} is no JPEG`);
    return size;
  } finally {
    await handle.close();
  }
}
