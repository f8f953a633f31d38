/** Below it a number is in seconds: as milliseconds it would be in 1973. */
const leastMs = 100_000_000_000;
const iso = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/**
 * A time in ISO 8601, in UTC where it names no zone, or in seconds or milliseconds since the epoch.
 * @returns ms since the epoch; undefined when it is none of these
 */
export function parseTime(value: string | number): number | undefined {
  const number = typeof value === "number" || /^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
  if (number !== undefined)
    return Number.isFinite(number) && number > 0
      ? Math.round(number < leastMs ? number * 1000 : number)
      : undefined;
  const text = String(value);
  const [, clock, , , zone] = iso.exec(text) ?? [text, null];
  if (clock === null) return undefined;
  const ms = Date.parse(clock !== undefined && zone === undefined ? `${text}Z` : text);
  return Number.isNaN(ms) ? undefined : ms;
}
