import type { Apt } from "./apt.ts";
import type { Network } from "./network.ts";
import type { Progress } from "./progress.ts";
import type { Env } from "./run.ts";

/** What the parts share: where things are, and the tools to get them. */
export interface Context {
  /** The checkout. */
  readonly root: string;
  /** Downloads and builds, shared by checkouts. */
  readonly cache: string;
  /** `.edgelab` in the checkout. */
  readonly project: string;
  readonly env: Env;
  /** Node's name of the processor: x64, arm64. */
  readonly arch: string;
  readonly apt: Apt;
  readonly network: Network;
  readonly progress: Progress;
}

export interface Healthy {
  readonly healthy: true;
  readonly version: string;
  /** Where it came from, in a few words: `on PATH`, `built from Go modules`. */
  readonly source: string;
}

export interface Missing {
  readonly healthy: false;
  readonly what: string;
  /** The command that mends it. */
  readonly fix: string;
}

/** One thing the lab needs on this machine. */
export interface Part {
  readonly name: string;
  /** Parts that must be healthy before this one can be got. */
  readonly needs: readonly string[];
  /** Looks whether it is there and works. Changes nothing. */
  find(context: Context): Promise<Healthy | Missing>;
  /** Debian packages that `get` is sure to want, so that all parts' are installed at once. */
  packages?(context: Context): Promise<readonly string[]>;
  /** Gets it by the first way that works. */
  get(context: Context): Promise<void>;
}

export function healthy(version: string, source: string): Healthy {
  return { healthy: true, version, source };
}

export function missing(what: string, fix = "./scripts/setup"): Missing {
  return { healthy: false, what, fix };
}

/** The file that collects the output of a part's commands. */
export function logFile(context: Context, name: string): string {
  return `${context.cache}/logs/${name}.log`;
}
