/**
 * Prints the demo file: two weeks of the players on a game's servers, every five minutes.
 *
 *   node apps/logistics/sensor/demo/make.ts > apps/logistics/sensor/demo/players.csv
 */
import { Random } from "../../../common/random.ts";

const stepMinutes = 5;
const days = 14;
/** A Monday. */
const startMs = Date.UTC(2026, 0, 5);
const stepsOfDay = 1440 / stepMinutes;

/** Share of the day's peak by the hour: few in the small hours, a hump after school, most in the evening. */
const hours = [
  0.46, 0.33, 0.24, 0.18, 0.15, 0.14, 0.16, 0.21, 0.27, 0.32, 0.36, 0.4, 0.45, 0.48, 0.52, 0.6, 0.68, 0.75,
  0.82, 0.91, 0.99, 1, 0.86, 0.65,
];
/** From Monday: fewer in the first half of the week, most on Saturday. */
const peaks = [3100, 3050, 3150, 3250, 3800, 4500, 4200];

/** The lines of the file. @param seed the same seed has the same lines */
export function demoLines(seed: number): string[] {
  const random = new Random(seed);
  let drift = 0;
  const lines = Array.from({ length: days * stepsOfDay }, (_, step) => {
    // What one moment has too many the next has, too: friends play together.
    drift = 0.95 * drift + 0.01 * random.normal();
    const noise = 0.008 * random.normal();
    const players = Math.round(expected(step) * (1 + drift + noise));
    return `${new Date(startMs + step * stepMinutes * 60_000).toISOString()},${Math.max(0, players)}`;
  });
  return ["ts,players", ...lines];
}

function expected(step: number): number {
  const day = Math.floor(step / stepsOfDay);
  const hour = ((step % stepsOfDay) * stepMinutes) / 60;
  // A day's peak goes over into the next one's, so that there is no edge at midnight.
  return between(peaks, day + hour / 24 - 0.5) * between(hours, hour);
}

/** The value at a place of a ring of values, on the straight line between the two beside it. */
function between(ring: readonly number[], at: number): number {
  const low = Math.floor(at);
  const of = (index: number) => ring[(index + ring.length) % ring.length] ?? 0;
  return of(low) + (of(low + 1) - of(low)) * (at - low);
}

if (import.meta.main) process.stdout.write(`${demoLines(1).join("\n")}\n`);
