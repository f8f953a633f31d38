import { rm } from "node:fs/promises";
import type { Frame } from "../../media/frame.ts";
import { type JournalHead, JournalWriter } from "./journal.ts";
import { type Replay, replayLast } from "./replay.ts";
import {
  createSegment,
  journalPath,
  listJournals,
  listSegments,
  readCameraState,
  type Segment,
  segmentFolder,
  writeCameraState,
} from "./segment.ts";
import type { RecorderSettings } from "./settings.ts";
import { begin, place, type Timeline } from "./timeline.ts";

export interface CameraEvents {
  /** A chunk is complete and can be made into video. */
  readonly onChunk: (segment: Segment, firstSlot: number) => void;
  /** A segment is complete. */
  readonly onClosed: (segment: Segment, why: string) => void;
  /** A damaged journal of an earlier process was set aside. */
  readonly onAside: (path: string) => void;
  readonly onFrame: (outcome: Outcome, repeats: number) => void;
  /** Whether another chunk would make the segment too large. @param journalBytes size of its last chunk's frames */
  readonly isFull: (segment: Segment, journalBytes: number) => boolean;
}

/** What became of a frame: `recorded`; `surplus`, faster than the recording; `late`; `duplicate`, seen before. */
export type Outcome = "recorded" | "surplus" | "late" | "duplicate";

interface Open {
  readonly segment: Segment;
  readonly timeline: Timeline;
  readonly journal: JournalWriter;
  /** First slot of the journal. */
  readonly first: number;
  /** The last frame recorded. */
  readonly last: Buffer;
}

/** Runs of a producer whose last frame is remembered. */
const maxRuns = 16;

/**
 * Records one camera: places its frames and appends them to the journal of the open segment. Calls must not overlap.
 * After an error the same frames are to be given again; those that were appended already are passed over.
 */
export class CameraRecorder {
  readonly #root: string;
  readonly #camera: string;
  readonly #settings: RecorderSettings;
  readonly #events: CameraEvents;
  /** Run → the last frame seen of it. Messages that come again are known by it. */
  #runs = new Map<string, number>();
  #number = 0;
  #open: Open | undefined;
  /** When a frame came last, by this process's monotonic clock. */
  #seenMs = performance.now();

  constructor(root: string, camera: string, settings: RecorderSettings, events: CameraEvents) {
    this.#root = root;
    this.#camera = camera;
    this.#settings = settings;
    this.#events = events;
  }

  /**
   * Takes up what an earlier process left: chunks are made into video, closed segments are finished, and the open one
   * goes on where its journal ends, or is closed when it was recorded with other settings.
   */
  async recover(): Promise<void> {
    const { closed, runs } = await readCameraState(this.#root, this.#camera);
    this.#runs = new Map(runs);
    this.#number = closed;
    for (const segment of await listSegments(this.#root, this.#camera)) {
      this.#number = Math.max(this.#number, segment.number);
      const isOpen = segment.number > closed;
      const last = isOpen ? await replayLast(segment, this.#events.onAside) : undefined;
      for (const first of await listJournals(segment)) {
        if (first !== last?.first) this.#events.onChunk(segment, first);
      }
      if (last === undefined) this.#events.onClosed(segment, "recovered");
      else await this.#resume(segment, last);
    }
  }

  async #resume(segment: Segment, { first, timeline, last, size, ended, seen }: Replay): Promise<void> {
    for (const [run, seq] of seen) this.#remember({ run, seq });
    const journal = await JournalWriter.resume(journalPath(segment, first), size);
    this.#open = { segment, timeline, journal, first, last };
    const same = JSON.stringify(segment.video) === JSON.stringify(this.#settings.video);
    if (ended || !same) await this.close(ended ? "recovered" : "settings");
  }

  /** Records a frame; it is durable after {@link sync}. */
  async record(frame: Frame): Promise<void> {
    this.#seenMs = performance.now();
    if (frame.seq <= (this.#runs.get(frame.run) ?? -1)) return this.#passed(frame, "duplicate");
    const open = this.#open;
    if (open === undefined) return this.#start(frame);
    const { segment, timeline } = open;
    if (segment.width !== frame.width || segment.height !== frame.height) {
      await this.close("size");
      return this.#start(frame);
    }
    const { video, maxGapUs, maxSlots } = this.#settings;
    const placed = place(timeline, frame.capturedUs, { fps: video.fps, maxGapUs, maxSlots });
    if (placed.kind === "over") {
      await this.close(placed.why, placed.slots);
      return this.#start(frame);
    }
    if (placed.kind === "late") return this.#passed(frame, "late");
    if (placed.kind === "surplus") {
      this.#open = { ...open, timeline: placed.next };
      return this.#passed(frame, "surplus");
    }
    if (timeline.slots - open.first < this.#settings.chunkSlots) {
      return this.#append(open, frame, placed.next, placed.repeats);
    }
    if (this.#events.isFull(segment, open.journal.bytes)) {
      // Lasts until the next one begins.
      await this.close("bytes", timeline.slots + placed.repeats);
      return this.#start(frame);
    }
    await this.#append(await this.#rotate(open), frame, placed.next, placed.repeats);
  }

  /** Resolves when everything recorded is durable. */
  async sync(): Promise<void> {
    await this.#open?.journal.sync();
  }

  /** Whether nothing has come for longer than the segment may wait for. */
  isSilent(): boolean {
    return this.#open !== undefined && (performance.now() - this.#seenMs) * 1000 > this.#settings.maxGapUs;
  }

  /** Ends the open segment, if there is one. @param slots that it is filled up to with its last frame */
  async close(why: string, slots = 0): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    const { segment, journal, first, timeline } = open;
    await journal.append({ kind: "end", slots: Math.max(slots, timeline.slots) }, Buffer.alloc(0));
    await journal.sync();
    await writeCameraState(this.#root, this.#camera, { closed: segment.number, runs: [...this.#runs] });
    this.#open = undefined;
    await journal.close();
    this.#events.onChunk(segment, first);
    this.#events.onClosed(segment, why);
  }

  /** Ends the open segment when the stream that it records has ended; a stream that ended before changes nothing. */
  async end(run: string): Promise<void> {
    if ([...this.#runs.keys()].at(-1) === run) await this.close("end");
  }

  /** Leaves the open segment to the next start; it is as durable as at the last {@link sync}. */
  async abandon(): Promise<void> {
    await this.#open?.journal.close();
    this.#open = undefined;
  }

  async #start(frame: Frame): Promise<void> {
    const { capturedUs: startUs, width, height } = frame;
    const { video } = this.#settings;
    // A number is used once, even when what follows fails.
    this.#number += 1;
    const number = this.#number;
    const none = Buffer.alloc(0);
    try {
      const camera = this.#camera;
      const segment = await createSegment(this.#root, { number, camera, startUs, width, height, video });
      const head: JournalHead = { kind: "head", runs: [...this.#runs] };
      const journal = await JournalWriter.create(journalPath(segment, 0), head, none);
      const open = { segment, timeline: begin(startUs), journal, first: 0, last: none };
      await this.#append(open, frame, open.timeline, 0).catch(async (error: unknown) => {
        await journal.close();
        throw error;
      });
    } catch (error) {
      await rm(segmentFolder(this.#root, this.#camera, number), { recursive: true, force: true });
      throw error;
    }
  }

  async #append(open: Open, frame: Frame, timeline: Timeline, repeats: number): Promise<void> {
    const { run, seq, capturedUs, jpeg } = frame;
    await open.journal.append({ kind: "frame", run, seq, capturedUs }, jpeg);
    this.#open = { ...open, timeline, last: jpeg };
    this.#remember(frame);
    this.#events.onFrame("recorded", repeats);
  }

  /** Completes the open chunk and begins the next, which knows the frame before it. */
  async #rotate(open: Open): Promise<Open> {
    const { segment, timeline, last, journal, first } = open;
    // Before the next journal says which frames were seen, they must be durable in this one.
    await journal.sync();
    const head: JournalHead = { kind: "head", timeline, runs: [...this.#runs] };
    const next = await JournalWriter.create(journalPath(segment, timeline.slots), head, last);
    const rotated = { ...open, journal: next, first: timeline.slots };
    this.#open = rotated;
    await journal.close();
    this.#events.onChunk(segment, first);
    return rotated;
  }

  #passed(frame: Frame, outcome: Outcome): void {
    if (outcome !== "duplicate") this.#remember(frame);
    this.#events.onFrame(outcome, 0);
  }

  #remember({ run, seq }: Pick<Frame, "run" | "seq">): void {
    this.#runs.delete(run);
    this.#runs.set(run, seq);
    const [oldest] = this.#runs.keys();
    if (this.#runs.size > maxRuns && oldest !== undefined) this.#runs.delete(oldest);
  }
}
