import type { AnomalyKind, SensorType } from "../contract.ts";
import { between, hash32, unit } from "./hash.ts";
import { limited, noise, type Place, wholeMs } from "./signals.ts";

/** An anomaly put into a reading: its kind, and what the sensor shows instead. */
export interface Anomaly {
  readonly kind: AnomalyKind;
  readonly value: number;
}

const draws = { whether: 21, kind: 22, size: 23, side: 24 } as const;

/** Where an extreme value lies: far from what the weather makes, and beyond the alerts' default thresholds. */
const extremes: Readonly<Record<"temperature" | "humidity" | "pressure", readonly [number, number][]>> = {
  temperature: [
    [-30, -12],
    [45, 65],
  ],
  humidity: [[95, 100]],
  pressure: [[930, 965]],
};

/**
 * Decides whether a reading is to be wrong, and how. As reproducible as the signals.
 *
 * @param value what the sensor would show
 * @param probability 0 to 1
 */
export function anomalyOf(
  type: SensorType,
  value: number,
  place: Place,
  atMs: number,
  probability: number,
): Anomaly | undefined {
  const draw = (what: keyof typeof draws) => hash32(place.seed, draws[what], place.device, wholeMs(atMs));
  if (unit(draw("whether")) >= probability) return undefined;
  if (type === "motion") return { kind: "flip", value: 1 - value };
  const kind = unit(draw("kind")) < 0.5 ? "spike" : "extreme";
  const wrong =
    kind === "spike" ? spike(type, value, draw("size"), draw("side")) : extreme(type, value, draw);
  return { kind, value: limited(type, wrong) };
}

/** Four to sixteen standard deviations of the sensor's noise off: a disturbance that no threshold finds. */
function spike(type: Exclude<SensorType, "motion">, value: number, size: number, side: number): number {
  const off = between(4, 16, size) * noise[type] * (unit(side) < 0.5 ? -1 : 1);
  return type === "light" ? value * Math.exp(off) : value + off;
}

function extreme(
  type: Exclude<SensorType, "motion">,
  value: number,
  draw: (what: "size" | "side") => number,
): number {
  // Covered by day, a lamp in the face by night.
  if (type === "light") return value > 100 ? between(0, 3, draw("size")) : between(500, 5000, draw("size"));
  const ranges = extremes[type];
  const [low, high] = ranges[Math.floor(unit(draw("side")) * ranges.length)] ?? [value, value];
  return between(low, high, draw("size"));
}
