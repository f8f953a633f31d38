import type { FaultKind } from "./faults.ts";

/** A message of the drill; times are ms since the epoch, on the drill's clock. */
export interface Sent {
  readonly seq: number;
  /** Messages of one lane have one key. */
  readonly lane: number;
  readonly sentMs: number;
  /** When Kafka acknowledged it; undefined when it did not. */
  readonly ackedMs: number | undefined;
}

/** A message of the drill, or what came of it, found somewhere. */
export interface Arrival {
  readonly seq: number;
  /** ms since the epoch on the clock of whoever put it there. */
  readonly atMs: number;
}

/** What was found at one place. */
export interface EndRecord {
  /** For people: `table images`. */
  readonly name: string;
  /** Whether what is sent in order is there in order; `arrivals` then are in that of the place, lane by lane. */
  readonly ordered: boolean;
  /** Whether a message may be there more than once: topics have at-least-once delivery, stores take each once. */
  readonly repeats: boolean;
  readonly arrivals: readonly Arrival[];
}

/** All that is known of the messages sent to one topic. */
export interface ProbeRecord {
  readonly topic: string;
  readonly lanes: number;
  readonly sent: readonly Sent[];
  /** Messages refused on the way, each once. */
  readonly dead: readonly { readonly seq: number; readonly reason: string }[];
  /** The topic itself is the first. */
  readonly ends: readonly EndRecord[];
}

export interface FaultRecord {
  /** `command` for a change of the user's. */
  readonly kind: FaultKind | "command";
  readonly name: string;
  readonly containers: readonly string[];
  readonly fromMs: number;
  /** When it was over; as `fromMs` for a blow. */
  readonly toMs: number;
  /** When all containers were healthy and all replicas in sync again; undefined when they were not in time. */
  readonly wholeMs: number | undefined;
  /** Why it could not be carried out. */
  readonly problem: string | undefined;
}

export interface DrillRecord {
  readonly run: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly probes: readonly ProbeRecord[];
  readonly faults: readonly FaultRecord[];
}
