import { formatSeconds, renderTable } from "../../lib/table.ts";

/** One piece of work and when it was done, ms on one clock. */
export interface Stretch {
  readonly name: string;
  readonly startedMs: number;
  readonly endedMs: number;
}

/** Takes down how long pieces of work took that may run side by side, to tell in the end what the whole waited for. */
export class Stretches {
  readonly #all: Stretch[] = [];
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Does the work, and takes down how long it took, whether it succeeds or not. */
  async of<T>(name: string, work: () => Promise<T>): Promise<T> {
    const startedMs = this.#now();
    try {
      return await work();
    } finally {
      this.#all.push({ name, startedMs, endedMs: this.#now() });
    }
  }

  get all(): readonly Stretch[] {
    return this.#all;
  }
}

/**
 * What the whole waited for, in order: the stretch that ended last, before it the one that ended last when that began,
 * and so on. Whoever starts work as soon as what it needs is done, or a place is free, starts it when such a one ends.
 */
export function criticalPath(stretches: readonly Stretch[]): Stretch[] {
  const path: Stretch[] = [];
  for (let beforeMs = Number.POSITIVE_INFINITY; ; ) {
    const last = stretches
      .filter((each) => each.endedMs <= beforeMs && !path.includes(each))
      .reduce<Stretch | undefined>(
        (found, each) => (found === undefined || each.endedMs > found.endedMs ? each : found),
        undefined,
      );
    if (last === undefined) return path;
    path.unshift(last);
    beforeMs = last.startedMs;
  }
}

/**
 * A table for people: what the whole waited for, since when and for how long, and what was done beside that.
 *
 * @param startedMs when the whole began
 */
export function describeStretches(stretches: readonly Stretch[], startedMs: number): string {
  const path = criticalPath(stretches);
  const row = ({ name, startedMs: from, endedMs }: Stretch): string[] => [
    name,
    formatSeconds((from - startedMs) / 1000),
    formatSeconds((endedMs - from) / 1000),
  ];
  const beside = stretches.filter((each) => !path.includes(each));
  const waited = renderTable(["what this waited for", "after", "took"], path.map(row));
  if (beside.length === 0) return waited;
  return `${waited}\n\n${renderTable(["done beside it", "after", "took"], beside.map(row))}`;
}
