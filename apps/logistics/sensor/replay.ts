/** Whether the file's times are moved to end now, or taken as they are. */
export const timings = ["shifted", "file"] as const;
export type Timing = (typeof timings)[number];

const weekMs = 7 * 86_400_000;

/** The times of a file's first and last line, ms since the epoch. */
export interface Extent {
  readonly firstMs: number;
  readonly lastMs: number;
}

/**
 * How much is added to the times of a pass through the file, ms: whole weeks, so that days and weeks keep their shape,
 * and a sensor that starts anew says the same of the same times. The first pass ends within the week before now; each
 * other one follows the one before.
 *
 * @param pass from 0
 */
export function shiftOf({ firstMs, lastMs }: Extent, pass: number, nowMs: number, timing: Timing): number {
  if (timing === "file") return 0;
  const weeks = Math.ceil((lastMs - firstMs + 1) / weekMs);
  return Math.floor((nowMs - lastMs) / weekMs) * weekMs + pass * weeks * weekMs;
}

/**
 * How long to wait before a line is sent, ms: what was the past when it was measured is sent faster, and what is ahead of
 * the clock when its time has come.
 *
 * @param timeMs of the line
 * @param beforeMs of the line before; undefined for the first
 */
export function pauseMs(
  timeMs: number,
  beforeMs: number | undefined,
  { nowMs, speed, timing }: { nowMs: number; speed: number; timing: Timing },
): number {
  const paced = beforeMs === undefined ? 0 : Math.max(0, (timeMs - beforeMs) / speed);
  return timing === "file" ? paced : Math.max(paced, timeMs - nowMs);
}
