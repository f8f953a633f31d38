import { join } from "node:path";
import { readIfThere, writeAtomically } from "./store.ts";

const REMEMBER_MS = 60 * 60 * 1000;

type Refusals = Record<string, number>;

/**
 * Remembers for an hour that a place on the network could not be reached, so that runs on a closed network
 * do not wait for the same time-outs again. Delete `unreachable.json` in the cache to try at once.
 */
export class Network {
  readonly #file: string;
  readonly #now: () => number;
  #noted: Promise<void> = Promise.resolve();

  constructor(cache: string, now: () => number = Date.now) {
    this.#file = join(cache, "unreachable.json");
    this.#now = now;
  }

  async isRefused(place: string): Promise<boolean> {
    const since = (await this.#read())[place];
    return since !== undefined && this.#now() - since < REMEMBER_MS;
  }

  /** One at a time: parts are got side by side, and the memo of one must not take that of another back. */
  refuse(place: string): Promise<void> {
    const note = async () => {
      const refusals = await this.#read();
      await writeAtomically(this.#file, JSON.stringify({ ...refusals, [place]: this.#now() }));
    };
    const noted = this.#noted.then(note, note);
    this.#noted = noted;
    return noted;
  }

  /** Whether an HTTP server answers at all under `url` (any status) within `timeoutMs`; a "no" is remembered. */
  async answers(url: string, timeoutMs = 4_000): Promise<boolean> {
    const place = new URL(url).host;
    if (await this.isRefused(place)) return false;
    const reached = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(timeoutMs) }).then(
      () => true,
      () => false,
    );
    if (!reached) await this.refuse(place);
    return reached;
  }

  async #read(): Promise<Refusals> {
    const text = await readIfThere(this.#file);
    if (text === undefined) return {};
    try {
      const parsed: unknown = JSON.parse(text);
      return typeof parsed === "object" && parsed !== null ? (parsed as Refusals) : {};
    } catch {
      // A damaged memo only costs another try.
      return {};
    }
  }
}
