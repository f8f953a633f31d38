import { rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { makeFolder, syncFile, syncFolder } from "../../media/atomic.ts";
import { countFrames, encode, findEncoder, join as joinParts } from "../../media/ffmpeg.ts";
import { temporaryName } from "../../media/layout.ts";
import { isDamaged, readJournal } from "./journal.ts";
import { journalPath, listParts, type Part, partPath, type Segment } from "./segment.ts";
import { advance, begin, type Timeline } from "./timeline.ts";

/** FFmpeg gets this long, and more for what it has to do; what takes longer hangs. */
const baseTimeoutMs = 120_000;
const encodeTimeoutMsPerSlot = 200;
const joinBytesPerMs = 2000;

/** What became of a chunk. */
export interface EncodedChunk {
  /** Frames that it should have. */
  readonly slots: number;
  /** Frames that it has; fewer when FFmpeg could not read some of the pictures. */
  readonly frames: number;
  readonly bytes: number;
}

/**
 * Makes a journal that is complete into video, which takes its place. The frames are placed by the same timeline that
 * placed them when they were recorded.
 * @throws when FFmpeg fails or the journal is damaged; it stays then
 */
export async function encodeChunk(segment: Segment, firstSlot: number): Promise<EncodedChunk> {
  const journal = journalPath(segment, firstSlot);
  const slots = await countSlots(journal, segment.video.fps);
  if (slots === 0) {
    if (await isDamaged(journal)) throw new Error(`${journal} is damaged: none of its frames can be read`);
    await rm(journal, { force: true });
    return { slots, frames: 0, bytes: 0 };
  }
  const encoder = await findEncoder(segment.video.codec);
  // Another process's FFmpeg may outlive it for a moment, so each process has a name of its own.
  const temporary = join(segment.folder, temporaryName(`${basename(journal)}.${process.pid}`));
  const frames = Readable.from(slotsOf(journal, segment.video.fps), { objectMode: false, highWaterMark: 1 });
  try {
    const timeoutMs = baseTimeoutMs + slots * encodeTimeoutMsPerSlot;
    await encode(frames, temporary, segment.video, encoder, timeoutMs);
    const found = await countFrames(temporary);
    if (found === 0) throw new Error(`${journal}: FFmpeg could read none of ${slots} frames`);
    const part = partPath(segment, firstSlot, found);
    await syncFile(temporary);
    await rename(temporary, part);
    await syncFolder(segment.folder);
    await rm(journal, { force: true });
    return { slots, frames: found, bytes: (await stat(part)).size };
  } finally {
    frames.destroy();
    await rm(temporary, { force: true });
  }
}

/** The JPEG of each slot of a chunk, in order. */
async function* slotsOf(journal: string, fps: number): AsyncGenerator<Buffer, void, undefined> {
  for await (const { jpeg, count } of runsOf(journal, fps)) {
    for (let slot = 0; slot < count; slot += 1) yield jpeg;
  }
}

async function countSlots(journal: string, fps: number): Promise<number> {
  let slots = 0;
  for await (const { count } of runsOf(journal, fps)) slots += count;
  return slots;
}

/** The frames of a chunk with the number of slots that each fills; the first can be the frame before the chunk. */
async function* runsOf(
  journal: string,
  fps: number,
): AsyncGenerator<{ jpeg: Buffer; count: number }, void, undefined> {
  let timeline: Timeline | undefined;
  let last: Buffer = Buffer.alloc(0);
  for await (const { meta, jpeg } of readJournal(journal)) {
    if (meta.kind === "head") {
      timeline = meta.timeline;
      last = jpeg;
      continue;
    }
    if (meta.kind === "end") {
      if (timeline !== undefined) yield { jpeg: last, count: Math.max(0, meta.slots - timeline.slots) };
      return;
    }
    const next = timeline === undefined ? begin(meta.capturedUs) : advance(timeline, meta.capturedUs, fps);
    const repeats = next.slots - (timeline?.slots ?? 0) - 1;
    if (repeats > 0) yield { jpeg: last, count: repeats };
    yield { jpeg, count: 1 };
    timeline = next;
    last = jpeg;
  }
}

/**
 * Joins the chunks of a closed segment into its recording, and deletes what it was made from.
 * @param root the output folder
 * @returns size of the recording in bytes; 0 when there was nothing to record
 * @throws when FFmpeg fails or loses frames; the chunks stay then
 */
export async function joinSegment(root: string, segment: Segment): Promise<number> {
  const { video, folder } = segment;
  const parts = await listParts(segment);
  if (parts.length === 0) {
    await rm(folder, { recursive: true });
    return 0;
  }
  const expected = parts.reduce((sum, { frames }) => sum + frames, 0);
  const list = join(folder, "parts.txt");
  await writeFile(list, concatList(parts, video.fps));
  const target = join(root, segment.target);
  await makeFolder(dirname(target));
  const temporary = join(dirname(target), temporaryName(basename(target)));
  try {
    let bytes = 0;
    for (const { path } of parts) bytes += (await stat(path)).size;
    await joinParts(list, temporary, video, baseTimeoutMs + bytes / joinBytesPerMs);
    const found = await countFrames(temporary);
    if (found < expected) throw new Error(`${target} has ${found} of ${expected} frames`);
    await syncFile(temporary);
    await rename(temporary, target);
    await syncFolder(dirname(target));
  } finally {
    await rm(temporary, { force: true });
  }
  await rm(folder, { recursive: true });
  return (await stat(target)).size;
}

/** A part lasts until the next one begins, whatever it holds, so that one with too few frames shifts nothing. */
function concatList(parts: readonly Part[], fps: number): string {
  const lines = parts.flatMap(({ path, first }, index) => {
    const next = parts[index + 1];
    const file = `file '${path.replaceAll("'", "'\\''")}'`;
    return next === undefined ? [file] : [file, `duration ${((next.first - first) / fps).toFixed(6)}`];
  });
  return `ffconcat version 1.0\n${lines.join("\n")}\n`;
}
