import { setImmediate as turn } from "node:timers/promises";
import { pause } from "../../common/retry.ts";
import type { Schedule } from "../../common/schedule.ts";
import { pauseUntil } from "./pause-until.ts";

/** The longest wait for the schedule, so that the end is not waited for at slow rates, ms. */
const napMs = 1000;
/** How soon it is looked again whether there is room for another image, ms. */
const fullMs = 5;

export interface Sending {
  readonly schedule: Schedule;
  /** Whether as many images wait for their results as may. */
  readonly isFull: () => boolean;
  /** Resolves when the image is on its way. */
  readonly send: (seq: number, dueMs: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Sends each image when it is due, or as soon as there is room, until the signal aborts.
 *
 * @throws what `send` throws; the signal's reason when it aborts during a wait
 */
export async function sendOnTime({ schedule, isFull, send, signal }: Sending): Promise<void> {
  while (!signal.aborted) {
    if (isFull()) {
      await pause(fullMs, signal);
      continue;
    }
    const step = schedule.step(performance.now());
    if ("waitMs" in step) {
      await pauseUntil(performance.now() + Math.min(step.waitMs, napMs), signal);
      continue;
    }
    await send(step.seq, step.dueMs);
    // Where images follow each other closely, no wait is long enough for a timer, and without a turn of the event loop
    // none of them would leave, nor any result be read.
    await turn();
  }
}
