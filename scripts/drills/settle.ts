import { pause } from "../../apps/common/retry.ts";

const everyMs = 2000;

/**
 * Asks how much is missing until it is nothing, or has not become less for the limit.
 *
 * @param ask undefined while it cannot be told
 * @returns what it said last
 */
export async function settle(
  ask: () => Promise<number | undefined>,
  limitMs: number,
): Promise<number | undefined> {
  let least = Number.POSITIVE_INFINITY;
  let sinceMs = performance.now();
  for (;;) {
    const missing = await ask();
    if (missing === 0) return 0;
    if (missing !== undefined && missing < least) [least, sinceMs] = [missing, performance.now()];
    if (performance.now() - sinceMs > limitMs) return missing;
    await pause(everyMs);
  }
}
