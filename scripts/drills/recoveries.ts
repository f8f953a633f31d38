import { median } from "../../lib/median.ts";
import type { FaultVerdict, Recovery } from "./judge.ts";

/** How long the slowest topic took from the beginning of a fault, ms; undefined where one never got there. */
export interface Times {
  readonly firstAckMs: number | undefined;
  readonly firstResultMs: number | undefined;
  /** Until all containers were healthy and all replicas in sync again. */
  readonly wholeMs: number | undefined;
}

export function timesOf({ fromMs, wholeMs, recoveries }: FaultVerdict): Times {
  const slowest = (pick: (recovery: Recovery) => number | undefined): number | undefined =>
    recoveries.some((recovery) => pick(recovery) === undefined)
      ? undefined
      : Math.max(...recoveries.map((recovery) => pick(recovery) ?? 0));
  return {
    firstAckMs: slowest(({ firstAckMs }) => firstAckMs),
    firstResultMs: slowest(({ firstResultMs }) => firstResultMs),
    wholeMs: wholeMs === undefined ? undefined : wholeMs - fromMs,
  };
}

/** What is the same fault, and came more than once, with the times of each; in the order in which they came. */
export function repeatedFaults(
  faults: readonly FaultVerdict[],
): { readonly name: string; readonly times: readonly Times[] }[] {
  const found = new Map<string, Times[]>();
  for (const fault of faults) found.set(fault.name, [...(found.get(fault.name) ?? []), timesOf(fault)]);
  return [...found].filter(([, times]) => times.length > 1).map(([name, times]) => ({ name, times }));
}

/** The middle value and the range, `2.1 s (1.9 to 4.0)`; `never` where one of them never got there. */
export function spread(values: readonly (number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0 || known.length < values.length) return "never";
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  return `${seconds(median(known))} s (${seconds(Math.min(...known))} to ${seconds(Math.max(...known))})`;
}
