import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { laneCount, laneFilter, laneOf, lanesOf, mqttTopic } from "./contract.ts";

describe("lanes", () => {
  it("belong to one bridge each, however many there are, and to no bridge too many", () => {
    for (let bridges = 1; bridges <= laneCount; bridges += 1) {
      const dealt = Array.from({ length: bridges }, (_, index) => lanesOf(index + 1, bridges));
      expect(dealt.flat().sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      expect(Math.min(...dealt.map(({ length }) => length))).toBeGreaterThan(0);
    }
  });

  it("have every sensor on one of them", () => {
    fc.assert(
      fc.property(fc.string(), (sensor) => {
        expect(laneOf(sensor)).toBeGreaterThanOrEqual(0);
        expect(laneOf(sensor)).toBeLessThan(laneCount);
        expect(mqttTopic("t", sensor).startsWith(laneFilter("t", laneOf(sensor)).slice(0, -1))).toBe(true);
      }),
    );
  });

  it("do not all have the same sensors", () => {
    const lanes = new Set(Array.from({ length: 8 }, (_, index) => laneOf(`sensor-${index + 1}`)));
    expect(lanes.size).toBeGreaterThan(3);
  });
});
