import type { Timing } from "../contract.ts";

const weekMs = 7 * 86_400_000;

/**
 * How much is added to the times of a file for a pass through it, ms: whole weeks, so that days and weeks keep their
 * shape and the file ends in the week before now. Passes of the same week say the same of the same times, also those of a
 * sensor that starts anew.
 *
 * @param lastMs the latest time in the file
 */
export function shiftOf(lastMs: number, nowMs: number, timing: Timing): number {
  return timing === "file" ? 0 : Math.floor((nowMs - lastMs) / weekMs) * weekMs;
}

/**
 * How long to wait before a line is sent, ms.
 *
 * @param beforeMs time of the line before; undefined for the first
 */
export function pauseMs(timeMs: number, beforeMs: number | undefined, speed: number): number {
  return beforeMs === undefined ? 0 : Math.max(0, (timeMs - beforeMs) / speed);
}
