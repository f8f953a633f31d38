import { describe, expect, it } from "vitest";
import { type SensorType, sensorTypes } from "../contract.ts";
import { type Outcomes, outcomeOf, scoresOf } from "../score.ts";
import { Fleet } from "../simulator/fleet.ts";
import { createDetector } from "./detector.ts";

type Counted = { -readonly [K in keyof Outcomes]: number };
const noon = Date.UTC(2026, 5, 21, 11);

/** Outcomes by type on the simulator's own labels: two devices of each type, an hour at one reading a second. */
function scored(anomalyProbability: number): Map<SensorType, Counted> {
  const fleet = new Fleet({ name: "sim", devices: 10, types: sensorTypes, anomalyProbability, seed: 3 });
  const outcomes = new Map<SensorType, Counted>();
  for (let index = 0; index < 10; index += 1) {
    const type = sensorTypes[index % sensorTypes.length] ?? "temperature";
    const detector = createDetector(type, 4);
    const counted = outcomes.get(type) ?? { hit: 0, false_alarm: 0, miss: 0, rest: 0 };
    for (let second = 0; second < 3600; second += 1) {
      const { reading, anomaly } = fleet.reading(index, noon + second * 1000);
      const verdict = detector.judge(Number(reading.value));
      if (verdict === undefined) continue;
      counted[outcomeOf(verdict.anomalous, anomaly !== undefined)] += 1;
    }
    outcomes.set(type, counted);
  }
  return outcomes;
}

describe("the detector", () => {
  it.each([0.01, 0.05, 0.15])("finds what the simulator hid, of %d of all readings", (probability) => {
    for (const [type, outcomes] of scored(probability)) {
      const { precision, recall } = scoresOf(outcomes);
      // The first moment of each genuine motion counts as a false alarm: the fewer anomalies, the more that weighs.
      if (type === "motion") expect(precision, type).toBeGreaterThan(probability < 0.05 ? 0.4 : 0.75);
      else expect(precision, type).toBeGreaterThan(0.97);
      expect(recall, type).toBeGreaterThan(type === "motion" ? 0.75 : 0.85);
    }
  });

  it("says nothing while it knows too little", () => {
    const detector = createDetector("pressure", 4);
    expect([1013, 500, 1013].map((value) => detector.judge(value))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("takes a step of a sensor that shows the same all the time for nothing, and a jump for an anomaly", () => {
    const detector = createDetector("temperature", 4);
    for (let i = 0; i < 100; i += 1) detector.judge(20);
    expect(detector.judge(20.01)?.anomalous).toBe(false);
    expect(detector.judge(20.5)?.anomalous).toBe(true);
  });

  it("follows a new level within a few readings", () => {
    const detector = createDetector("pressure", 4);
    const level = (hPa: number, i: number) => hPa + ((i * 7) % 5) / 10;
    for (let i = 0; i < 100; i += 1) detector.judge(level(1000, i));
    const verdicts = Array.from({ length: 40 }, (_, i) => detector.judge(level(1010, i))?.anomalous);
    expect(verdicts[0]).toBe(true);
    expect(verdicts.slice(20)).not.toContain(true);
  });

  it("does not doubt motion where it comes and goes all the time", () => {
    const detector = createDetector("motion", 4);
    const verdicts = Array.from({ length: 400 }, (_, i) => detector.judge(Math.floor(i / 3) % 2)?.anomalous);
    expect(verdicts.slice(200)).not.toContain(true);
  });
});
