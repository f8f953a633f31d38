import { pause } from "../../common/retry.ts";

/** Timers have whole milliseconds and can be one late: what is left to wait then, at most. */
const restMs = 1.5;
const cell = new Int32Array(new SharedArrayBuffer(4));

/**
 * Resolves at a time, to some hundredths of a millisecond: what a timer cannot be trusted with, the thread sleeps. What
 * comes in meanwhile waits for it, which is less than what every image would otherwise be late.
 *
 * @param atMs as `performance.now()` counts
 * @throws the signal's reason when it aborts before
 */
export async function pauseUntil(atMs: number, signal: AbortSignal): Promise<void> {
  const timerMs = atMs - performance.now() - restMs;
  if (timerMs > 0) await pause(timerMs, signal);
  const leftMs = atMs - performance.now();
  if (leftMs > 0) Atomics.wait(cell, 0, 0, leftMs);
}
