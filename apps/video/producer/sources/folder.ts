import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pause } from "../../../common/retry.ts";
import { toFrame } from "./frame.ts";
import type { OnBad, OnFrame, Source } from "./source.ts";

export interface FolderSpec {
  readonly path: string;
  readonly fps: number;
  readonly loop: boolean;
}

/** What the time between pictures is measured and waited by. */
export interface Clock {
  /** Ms since some moment; never runs backwards. */
  now(): number;
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

const machineClock: Clock = { now: () => performance.now(), pause };

/** A folder of JPEGs, in the order of their names (by character code), at a rate. */
export class FolderSource implements Source {
  readonly ends: boolean;
  readonly rate: string;
  readonly #spec: FolderSpec;
  readonly #clock: Clock;

  constructor(spec: FolderSpec, clock = machineClock) {
    this.ends = !spec.loop;
    this.rate = Number.isInteger(spec.fps) ? String(spec.fps) : `${Math.round(spec.fps * 1000)}/1000`;
    this.#spec = spec;
    this.#clock = clock;
  }

  async run(signal: AbortSignal, onFrame: OnFrame, onBad: OnBad): Promise<void> {
    const { path, fps, loop } = this.#spec;
    const clock = this.#clock;
    let dueMs = clock.now();
    do {
      // Read anew for every round, so that pictures may come and go.
      for (const name of await jpegNames(path)) {
        signal.throwIfAborted();
        await clock.pause(Math.max(0, dueMs - clock.now()), signal);
        // Whoever was waited for does not get what was missed all at once.
        dueMs = Math.max(dueMs + 1000 / fps, clock.now());
        const frame = toFrame(await readFile(join(path, name)));
        if (typeof frame === "string") onBad(`${name}: ${frame}`);
        else await onFrame(frame);
      }
    } while (loop);
  }
}

/** @throws when there is none, or no such folder */
async function jpegNames(path: string): Promise<string[]> {
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`the folder ${path} cannot be read (${error.code})`);
  });
  const pictures = names.filter((name) => /\.jpe?g$/i.test(name)).sort();
  if (pictures.length === 0) throw new Error(`there is no .jpg or .jpeg in the folder ${path}`);
  return pictures;
}
