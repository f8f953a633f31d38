import { rename, rm } from "node:fs/promises";
import { isDamaged, readJournal } from "./journal.ts";
import { asidePath, journalPath, listJournals, type Segment } from "./segment.ts";
import { advance, begin, type Timeline } from "./timeline.ts";

/** Where a segment stands by its last journal. */
export interface Replay {
  readonly first: number;
  readonly timeline: Timeline;
  /** The last frame in it. */
  readonly last: Buffer;
  /** Where its last whole record ends. */
  readonly size: number;
  /** Whether the segment was closed. */
  readonly ended: boolean;
  /** Frames seen, the last one of each run, in their order; a run that comes twice counts where it comes last. */
  readonly seen: readonly (readonly [run: string, seq: number])[];
}

/**
 * Reads the last journal of a segment that has frames, and deletes those after it: a crash may have left one that was
 * just begun. One that is damaged may have frames that cannot be had again, and is set aside.
 *
 * @param onAside told where a damaged journal is kept
 * @returns undefined when there is none, which means that no frame of the segment can be read
 */
export async function replayLast(
  segment: Segment,
  onAside: (path: string) => void,
): Promise<Replay | undefined> {
  for (const first of (await listJournals(segment)).reverse()) {
    const found = await replay(segment, first);
    if (found !== undefined) return found;
    const path = journalPath(segment, first);
    if (!(await isDamaged(path))) {
      await rm(path, { force: true });
      continue;
    }
    const aside = asidePath(segment, first);
    await rename(path, aside);
    onAside(aside);
  }
  return undefined;
}

async function replay(segment: Segment, first: number): Promise<Replay | undefined> {
  const seen: [string, number][] = [];
  let timeline: Timeline | undefined;
  let last: Buffer = Buffer.alloc(0);
  let size = 0;
  let ended = false;
  for await (const { meta, jpeg, end } of readJournal(journalPath(segment, first))) {
    size = end;
    if (jpeg.length > 0) last = jpeg;
    if (meta.kind === "end") {
      ended = true;
    } else if (meta.kind === "head") {
      timeline = meta.timeline;
      seen.push(...meta.runs);
    } else {
      const { run, seq, capturedUs } = meta;
      timeline = timeline ? advance(timeline, capturedUs, segment.video.fps) : begin(capturedUs);
      seen.push([run, seq]);
    }
  }
  return timeline === undefined ? undefined : { first, timeline, last, size, ended, seen };
}
