/**
 * Durations as Go writes them (`1m30s`), which is how Docker's tools and the docker provider read and print them.
 * Source: the documentation of time.ParseDuration and Duration.String in Go's standard library.
 */

const units = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
const form = /^(?:\d+(?:\.\d+)?(?:h|ms|m|s))+$/;

/**
 * A duration in the one form that Go prints it in. The docker provider reads a duration back in that form, so any other
 * would be a change at every update.
 *
 * @param ms milliseconds; a whole number from 0
 * @throws RangeError for anything else
 */
export function formatGoDuration(ms: number): string {
  if (!Number.isSafeInteger(ms) || ms < 0) throw new RangeError(`${ms} is not a whole number of ms from 0`);
  if (ms === 0) return "0s";
  if (ms < units.s) return `${ms}ms`;
  const hours = Math.floor(ms / units.h);
  const minutes = Math.floor((ms % units.h) / units.m);
  const seconds = `${(ms % units.m) / units.s}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

/** @returns milliseconds; undefined for text that is not a duration in h, m, s and ms */
export function parseGoDuration(text: string): number | undefined {
  if (!form.test(text)) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g);
  return [...parts].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * units[unit as keyof typeof units],
    0,
  );
}
