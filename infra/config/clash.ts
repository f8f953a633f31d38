/** A value that would put a mistake right. */
export interface Change<K extends string = string> {
  readonly key: K;
  readonly value: string;
}

/** What is wrong with values that are each allowed but do not go together. */
export interface Clash<K extends string = string> {
  readonly key: K;
  /** Completes "<key> is <value>: it …". */
  readonly reason: string;
  /** Each of these mends it by itself; the first is the one to recommend. */
  readonly changes: readonly [Change<K>, ...Change<K>[]];
}

export const change = <K extends string>(key: K, value: number | string): Change<K> => ({
  key,
  value: String(value),
});
