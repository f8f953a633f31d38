import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type SensorType, sensorRanges, sensorTypes } from "../contract.ts";
import { parseReading } from "../reading.ts";
import { Fleet } from "./fleet.ts";
import { signal } from "./signals.ts";

const day = Date.UTC(2026, 5, 21);
const hourMs = 3_600_000;
const place = { seed: 7, site: 0, device: 0 };
const fleet = (given: Partial<ConstructorParameters<typeof Fleet>[0]> = {}) =>
  new Fleet({ name: "sim", devices: 10, types: sensorTypes, anomalyProbability: 0.05, seed: 7, ...given });
const at = (type: SensorType, hour: number) => signal(type, place, day + hour * hourMs);
/** What a sensor shows minute by minute for so many days. */
const minutes = (type: SensorType, days: number) =>
  Array.from({ length: days * 1440 }, (_, minute) => signal(type, place, day + minute * 60_000));
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  const product = (x: readonly number[], mx: number, y: readonly number[], my: number) =>
    x.reduce((sum, value, index) => sum + (value - mx) * ((y[index] ?? my) - my), 0);
  return product(a, meanA, b, meanB) / Math.sqrt(product(a, meanA, a, meanA) * product(b, meanB, b, meanB));
}

describe("signals", () => {
  it("have a day: bright at noon, dark at night, people about in the day", () => {
    expect(at("light", 12)).toBeGreaterThan(3000);
    expect(at("light", 0)).toBeLessThan(10);
    const motion = minutes("motion", 20);
    const inHours = (from: number, to: number) =>
      meanOf(motion.filter((_, minute) => minute % 1440 >= from * 60 && minute % 1440 < to * 60));
    expect(inHours(8, 18)).toBeGreaterThan(4 * inHours(18, 24));
  });

  it("are warmest in the afternoon, and drier the warmer it is", () => {
    const temperature = minutes("temperature", 20);
    const hour = (from: number) =>
      meanOf(temperature.filter((_, minute) => Math.floor((minute % 1440) / 60) === from));
    expect(hour(15) - hour(3)).toBeGreaterThan(8);
    expect(correlation(temperature, minutes("humidity", 20))).toBeLessThan(-0.7);
  });

  it("change little from one second to the next, by noise", () => {
    const seconds = Array.from({ length: 3600 }, (_, second) => at("temperature", 10 + second / 3600));
    const steps = seconds.slice(1).map((value, index) => Math.abs(value - (seconds[index] ?? value)));
    expect(meanOf(steps)).toBeGreaterThan(0.1);
    expect(Math.max(...steps)).toBeLessThan(1.1);
  });

  it("stay within what a sensor can show, whatever the place and the time", () => {
    const places = fc.record({ seed: fc.nat(), site: fc.nat(5000), device: fc.nat(100_000) });
    const times = fc.integer({ min: 0, max: 4e12 });
    fc.assert(
      fc.property(fc.constantFrom(...sensorTypes), places, times, (type, where, atMs) => {
        const { min, max } = sensorRanges[type];
        const value = signal(type, where, atMs);
        expect(value).toBeGreaterThanOrEqual(min);
        expect(value).toBeLessThanOrEqual(max);
      }),
    );
  });
});

describe("a fleet", () => {
  it("has the same readings for the same seed, in whatever order they are asked for, and others for another", () => {
    const times = [0, 1, 2, 3].map((second) => day + second * 1000);
    const [one, two] = [fleet(), fleet()];
    const forwards = times.map((time) => one.reading(3, time));
    const backwards = times.toReversed().map((time) => two.reading(3, time));
    expect(backwards.toReversed()).toEqual(forwards);
    expect(times.map((time) => fleet({ seed: 8 }).reading(0, time))).not.toEqual(
      times.map((time) => one.reading(0, time)),
    );
  });

  it("gives each site one device of each type, and each device a name of its own", () => {
    const names = Array.from({ length: 10 }, (_, index) => fleet().reading(index, day).reading.device);
    expect(new Set(names).size).toBe(10);
    expect(names.slice(0, 5)).toEqual(sensorTypes.map((type) => `sim-${type}-1`));
    expect(names[5]).toBe("sim-temperature-2");
  });

  it("has as many anomalies as it was told, in every kind, and none when told so", () => {
    const count = 20_000;
    const kinds = Array.from(
      { length: count },
      (_, second) => fleet().reading(second % 10, day + second * 1000).anomaly,
    ).filter((kind) => kind !== undefined);
    expect(kinds.length / count).toBeCloseTo(0.05, 2);
    expect(new Set(kinds)).toEqual(new Set(["spike", "extreme", "flip"]));
    const sound = fleet({ anomalyProbability: 0 });
    for (let second = 0; second < 1000; second += 1)
      expect(sound.reading(second % 10, day + second * 1000).anomaly).toBeUndefined();
  });

  it("sends nothing that a reader of readings refuses", () => {
    for (let second = 0; second < 5000; second += 1) {
      const atMs = day + second * 60_000;
      const { reading } = fleet({ anomalyProbability: 0.5 }).reading(second % 10, atMs);
      const checked = parseReading(Buffer.from(JSON.stringify(reading)), {
        nowMs: atMs,
        lateMs: 0,
        aheadMs: 0,
      });
      expect(checked).toMatchObject({ device: reading.device, value: Number(reading.value), timeMs: atMs });
    }
  });
});
