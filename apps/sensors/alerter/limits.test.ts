import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Change, Hysteresis, type Level, levelOf, limitsOf } from "./limits.ts";

const play = (holdMs: number, levels: readonly Level[]) => {
  const hysteresis = new Hysteresis({ holdMs });
  return levels.map((level, index) => hysteresis.step(level, index * 1000)?.state);
};

describe("levelOf", () => {
  const { ofType } = limitsOf({ "extreme-temperature": { below: -5, margin: 2 } });

  it.each([
    [-5.1, "breach"],
    [-5, "between"],
    [-3, "calm"],
    [33, "calm"],
    [34, "between"],
    [35.1, "breach"],
  ])("takes %d °C as %s, with the thresholds that were set and the others by default", (value, level) => {
    expect(levelOf(ofType.temperature, value)).toBe(level);
  });

  it("takes motion as what it is", () => {
    expect([0, 1].map((value) => levelOf(ofType.motion, value))).toEqual(["calm", "breach"]);
  });
});

describe("Hysteresis", () => {
  it("raises once while values go back and forth about the threshold", () => {
    expect(play(0, ["calm", "breach", "between", "breach", "between", "calm", "calm"])).toEqual([
      undefined,
      "raised",
      undefined,
      undefined,
      undefined,
      "cleared",
      undefined,
    ]);
  });

  it("clears when values were calm for the time, and not before", () => {
    expect(play(2000, ["breach", "calm", "calm", "between", "calm", "calm", "calm", "calm"])).toEqual([
      "raised",
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      "cleared",
      undefined,
    ]);
  });

  it("raises and clears in turn, clears only after calm of the whole time, and names the time of raising", () => {
    const steps = fc.array(
      fc.record({ level: fc.constantFrom<Level>("breach", "calm", "between"), ms: fc.nat(3000) }),
    );
    fc.assert(
      fc.property(fc.nat(5000), steps, (holdMs, given) => {
        const hysteresis = new Hysteresis({ holdMs });
        const changes: (Change & { atMs: number })[] = [];
        let atMs = 0;
        let calmFromMs: number | undefined;
        for (const { level, ms } of given) {
          atMs += ms;
          const raisedBefore = hysteresis.isRaised;
          calmFromMs = level === "calm" && raisedBefore ? (calmFromMs ?? atMs) : undefined;
          const change = hysteresis.step(level, atMs);
          if (change === undefined) continue;
          if (change.state === "raised") expect(level).toBe("breach");
          else expect(atMs - (calmFromMs ?? Number.NaN)).toBeGreaterThanOrEqual(holdMs);
          changes.push({ ...change, atMs });
        }
        changes.forEach(({ state, sinceMs, atMs: changedMs }, index) => {
          expect(state).toBe(index % 2 === 0 ? "raised" : "cleared");
          expect(sinceMs).toBe(index % 2 === 0 ? changedMs : changes[index - 1]?.atMs);
        });
      }),
    );
  });
});
