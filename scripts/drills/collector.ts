import type { Logger } from "../../apps/common/logging.ts";
import { settlesWithin } from "../../apps/common/retry.ts";
import { deadLetterName } from "../../apps/common/topics.ts";
import type { IdPlace, Probe } from "../../lib/probe.ts";
import { idOf, numberOf, readTopic } from "./reader.ts";
import type { Arrival, EndRecord } from "./records.ts";
import { readStore, type StoreEnd, type StoreOptions, withForgotten } from "./stores.ts";

export interface CollectorOptions extends StoreOptions {
  readonly bootstrapServers: readonly string[];
  /** Topics that the lab has. */
  readonly topics: readonly string[];
  readonly log: Logger;
}

interface Dead {
  readonly seq: number;
  readonly reason: string;
}

/** Finds what became of the messages of one probe, from outside: in topics as they come, in stores when it is asked. */
export class Collector {
  readonly #options: CollectorOptions;
  readonly #probe: Probe;
  /** By topic, the probe's own first. */
  readonly #ends = new Map<string, { readonly ordered: boolean; readonly arrivals: Arrival[] }>();
  /** By the name of a store, what was there when it was last asked. */
  readonly #stored = new Map<string, readonly Arrival[]>();
  readonly #dead = new Map<number, string>();
  readonly #ending = new AbortController();
  #done: Promise<unknown> = Promise.resolve();

  constructor(probe: Probe, options: CollectorOptions) {
    this.#probe = probe;
    this.#options = options;
  }

  /** Resolves when every topic is read from its end on. */
  async begin(): Promise<void> {
    const { topic, id, ends } = this.#probe;
    const places = [
      { topic, id, ordered: true },
      ...ends.flatMap((end) => (end.kind === "topic" ? [end] : [])),
    ];
    const readers = places.flatMap((place) => {
      const arrivals: Arrival[] = [];
      this.#ends.set(place.topic, { ordered: place.ordered, arrivals });
      const letters = deadLetterName(place.topic);
      return [
        this.#read(place.topic, place.id, (seq, atMs) => arrivals.push({ seq, atMs })),
        ...(this.#options.topics.includes(letters)
          ? [this.#read(letters, place.id, (seq, _, reason) => this.#dead.set(seq, reason))]
          : []),
      ];
    });
    this.#done = Promise.all(readers.map(({ done }) => done));
    await Promise.all(readers.map(({ ready }) => ready));
  }

  /** Messages refused so far. */
  get dead(): Dead[] {
    return [...this.#dead].map(([seq, reason]) => ({ seq, reason }));
  }

  /**
   * What has come to each place by now; undefined while a store cannot be asked. To be asked often enough that a store
   * which keeps what is newest does not forget a message unseen.
   */
  async ends(): Promise<EndRecord[] | undefined> {
    const topics = [...this.#ends].map(([topic, { ordered, arrivals }]) => ({
      name: `topic ${topic}`,
      ordered,
      repeats: true,
      arrivals: [...arrivals],
    }));
    const stores: EndRecord[] = [];
    for (const end of this.#probe.ends) {
      if (end.kind === "topic") continue;
      const there = await readStore(end, this.#options);
      if (there === undefined) return undefined;
      const name = nameOf(end);
      const arrivals = withForgotten(there, this.#stored.get(name) ?? []);
      this.#stored.set(name, arrivals);
      stores.push({ name, ordered: false, repeats: false, arrivals });
    }
    return [...topics, ...stores];
  }

  async close(): Promise<void> {
    this.#ending.abort(new Error("the drill is over"));
    await settlesWithin(this.#done, 10_000);
  }

  #read(topic: string, place: IdPlace, found: (seq: number, atMs: number, reason: string) => void) {
    const { run } = this.#options;
    return readTopic({
      ...this.#options,
      topic,
      signal: this.#ending.signal,
      onMessage: (message) => {
        const seq = numberOf(run, idOf(message, place));
        const reason = message.headers.get("dlq-reason")?.toString() ?? "";
        if (seq !== undefined) found(seq, message.timestampMs, reason);
      },
    });
  }
}

function nameOf(end: StoreEnd): string {
  return end.kind === "table" ? `table ${end.table}` : `files of ${end.service}`;
}
