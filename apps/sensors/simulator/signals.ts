import { type SensorType, sensorRanges } from "../contract.ts";
import { hash32, normal, smooth } from "./hash.ts";

/** Where and when something is measured. */
export interface Place {
  readonly seed: number;
  /** Devices of one site have the same weather, and the same people. */
  readonly site: number;
  /** Number of the device: what its offset and its noise come from. */
  readonly device: number;
}

/** Standard deviation of a sensor's own noise, in its unit; of light, of its natural logarithm. */
export const noise: Readonly<Record<Exclude<SensorType, "motion">, number>> = {
  temperature: 0.15,
  humidity: 0.5,
  pressure: 0.1,
  light: 0.02,
};

/** Curves of one site; each a stream of random numbers of its own. */
const curves = { weather: 1, gusts: 2, moisture: 3, pressure: 4, clouds: 5, people: 6, steps: 7 } as const;
/** What a draw of a device is for. */
const draws = { offset: 11, noise: 12 } as const;

/**
 * What a sensor shows: a pure function of the seed, the place and the time, so that a run can be had again whenever it
 * begins. Days have 24 hours of UTC; the sun is highest at 12, the air warmest at 15, people are about from 8 to 18.
 *
 * @param atMs ms since the epoch
 * @returns a value of the type's unit, within its range; of motion 1 or 0
 */
export function signal(type: SensorType, place: Place, atMs: number): number {
  return limited(type, raw(type, place, atMs));
}

/** A value as a sensor of this type can show it. */
export function limited(type: SensorType, value: number): number {
  const { min, max, step } = sensorRanges[type];
  const steps = Math.round(1 / step);
  return Math.round(Math.min(max, Math.max(min, value)) * steps) / steps;
}

function raw(type: SensorType, place: Place, atMs: number): number {
  const own = normal(hash32(place.seed, draws.offset, place.device));
  switch (type) {
    case "temperature":
      return temperature(place, atMs) + 0.3 * own + noise.temperature * jitter(place, atMs);
    case "humidity":
      return humidity(place, atMs) + own + noise.humidity * jitter(place, atMs);
    case "pressure":
      return pressure(place, atMs) + 0.2 * own + noise.pressure * jitter(place, atMs);
    case "light":
      return light(place, atMs) * Math.exp(0.1 * own + noise.light * jitter(place, atMs));
    case "motion":
      return isMoving(place, atMs) ? 1 : 0;
  }
}

/** What two readings of a sensor differ by when nothing has changed, in standard deviations. */
function jitter({ seed, device }: Place, atMs: number): number {
  return normal(hash32(seed, draws.noise, device, wholeMs(atMs)));
}

/** Milliseconds as a word of 32 bits, which come again after 49 days. */
export function wholeMs(atMs: number): number {
  return (Math.round(atMs) % 0x1_0000_0000) | 0;
}

/** °C: warm afternoons, and weather that changes over hours. */
function temperature(place: Place, atMs: number): number {
  const weather = 4 * curve(place, "weather", atMs, 6) + curve(place, "gusts", atMs, 1);
  return 15 + 6 * daily(atMs, 9) + weather;
}

/** % relative: warm air is drier. */
function humidity(place: Place, atMs: number): number {
  return 58 - 1.8 * (temperature(place, atMs) - 15) + 5 * curve(place, "moisture", atMs, 3);
}

/** hPa: highs and lows over a day or two, and the tide of the atmosphere twice a day. */
function pressure(place: Place, atMs: number): number {
  const tide = Math.cos((4 * Math.PI * (hourOf(atMs) - 10)) / 24);
  return 1013 + 12 * curve(place, "pressure", atMs, 30) + 0.6 * tide;
}

/** lux: the sun, dimmed by clouds that pass in minutes; a lamp that is always on is left at night. */
function light(place: Place, atMs: number): number {
  const sun = Math.max(0, daily(atMs, 6));
  const clouds = 0.5 + 0.5 * curve(place, "clouds", atMs, 0.1);
  return 3 + 20_000 * sun ** 1.3 * (1 - 0.7 * clouds);
}

/** Somebody passes by: for a minute or so, often while people are about. */
function isMoving(place: Place, atMs: number): boolean {
  const hour = hourOf(atMs);
  const quiet = hour >= 8 && hour < 18 ? 0.3 : 0.75;
  const people = 0.4 * curve(place, "people", atMs, 0.25);
  const steps = 0.6 * smooth(place.seed, hash32(curves.steps, place.device), atMs / 60_000);
  return people + steps > quiet;
}

/** A curve of the site within ±1 that has another value after so many hours. */
function curve({ seed, site }: Place, name: keyof typeof curves, atMs: number, hours: number): number {
  return smooth(seed, hash32(curves[name], site), atMs / (hours * 3_600_000));
}

/** A day's wave within ±1 that rises through 0 at this hour. */
function daily(atMs: number, hour: number): number {
  return Math.sin((2 * Math.PI * (hourOf(atMs) - hour)) / 24);
}

function hourOf(atMs: number): number {
  return (atMs / 3_600_000) % 24;
}
