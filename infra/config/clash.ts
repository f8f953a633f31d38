import type { KeyName, LabConfig } from "./schema.ts";

/** A value that would put a mistake right. */
export interface Change {
  readonly key: KeyName;
  readonly value: string;
}

/** What is wrong with values that are each allowed but do not go together. */
export interface Clash {
  readonly key: KeyName;
  /** Completes "<key> is <value>: it …". */
  readonly reason: string;
  /** Each of these mends it by itself; the first is the one to recommend. */
  readonly changes: readonly [Change, ...Change[]];
}

/** What is wrong with a config whose values are each allowed, as far as one rule goes. */
export type Rule = (config: LabConfig) => readonly Clash[];

export const change = (key: KeyName, value: number | string): Change => ({ key, value: String(value) });
