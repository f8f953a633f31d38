import { type AnomalyKind, type Reading, type SensorType, sensorRanges } from "../contract.ts";
import { anomalyOf } from "./anomalies.ts";
import { type Place, signal } from "./signals.ts";

export interface FleetOptions {
  /** Devices are named `<name>-<type>-<number>`. */
  readonly name: string;
  readonly devices: number;
  /** Devices take these in turn, so that a site has one of each. */
  readonly types: readonly SensorType[];
  /** That a reading is wrong, 0 to 1. */
  readonly anomalyProbability: number;
  readonly seed: number;
}

/** A reading and the truth about it. */
export interface Simulated {
  readonly reading: Reading;
  readonly anomaly: AnomalyKind | undefined;
}

interface Device {
  readonly name: string;
  readonly type: SensorType;
  readonly place: Place;
}

/** Simulated devices. The same options have the same readings at the same times. */
export class Fleet {
  readonly #devices: readonly Device[];
  readonly #anomalyProbability: number;

  constructor({ name, devices, types, anomalyProbability, seed }: FleetOptions) {
    this.#anomalyProbability = anomalyProbability;
    this.#devices = Array.from({ length: devices }, (_, index) => {
      const type = types[index % types.length] ?? "temperature";
      const site = Math.floor(index / types.length);
      return { name: `${name}-${type}-${site + 1}`, type, place: { seed, site, device: index } };
    });
  }

  /** What a device shows. @param index 0 to devices − 1 @param atMs ms since the epoch */
  reading(index: number, atMs: number): Simulated {
    const device = this.#devices[index];
    if (device === undefined) throw new RangeError(`there is no device ${index}`);
    const { name, type, place } = device;
    const shown = signal(type, place, atMs);
    const anomaly = anomalyOf(type, shown, place, atMs, this.#anomalyProbability);
    const value = anomaly?.value ?? shown;
    const { unit } = sensorRanges[type];
    const reading = {
      device: name,
      type,
      value: type === "motion" ? value === 1 : value,
      ...(unit === "" ? {} : { unit }),
      time: new Date(atMs).toISOString(),
    };
    return { reading, anomaly: anomaly?.kind };
  }
}
