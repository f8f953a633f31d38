/** What whoever has the lab may try next: shown when it is up. */
export type Hint =
  /** A command; `here` where it needs what is on the lab's machine, and so only makes sense if that is this one. */
  | { readonly run: string; readonly here?: boolean }
  /** A command of the project's own, which is told the stack. */
  | { readonly script: string }
  /** A command with a stack output in it, where it says `{output}`. */
  | { readonly output: string; readonly run: string }
  /** A query of the database. */
  | { readonly sql: string }
  /** Another value of a key, and the lab brought up again. */
  | { readonly key: string; readonly value: string };

/** A counter that must grow before the lab counts as up. */
export interface WatchedCounter {
  readonly service: string;
  readonly role: string;
  /** Address of the metrics that it is among. */
  readonly url: string;
  readonly counter: string;
  /** How fast it must grow, a second, for the lab to be healthy; undefined where its source is not always there. */
  readonly leastPerSecond?: number;
}
