import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { begin, type Placement, place, type Timeline, type TimelineRules } from "./timeline.ts";

const rules: TimelineRules = { fps: 10, maxGapUs: 10e6, maxSlots: Number.POSITIVE_INFINITY };

/** Frame (its index) shown in each slot. */
function show(timesUs: readonly number[], given: TimelineRules = rules): number[] {
  const [first = 0, ...rest] = timesUs;
  let timeline: Timeline = begin(first);
  const slots = [0];
  for (const [index, us] of rest.entries()) {
    const placed: Placement = place(timeline, us, given);
    if (placed.kind === "over") throw new Error(placed.why);
    if (placed.kind === "late") continue;
    if (placed.kind === "slot") {
      const last = slots.at(-1) ?? 0;
      slots.push(...Array.from({ length: placed.repeats }, () => last), index + 1);
    }
    timeline = placed.next;
    expect(timeline.slots).toBe(slots.length);
  }
  return slots;
}

const every = (count: number, us: number) => Array.from({ length: count }, (_, at) => at * us);

describe("place", () => {
  it("gives each frame a slot of its own when the rates are equal, also when frames jitter", () => {
    expect(show(every(20, 100_000))).toEqual(every(20, 1));
    const jitter = every(200, 100_000).map((us, at) => us + ((at % 3) - 1) * 20_000 + 20_000);
    expect(show(jitter)).toEqual(every(200, 1));
  });

  it("takes every third frame of 30 a second for 10, and repeats each of 5 a second once", () => {
    const slots = show(every(300, 33_333.3));
    expect(slots).toHaveLength(100);
    expect(slots.filter((frame, slot) => Math.abs(frame - slot * 3) > 1)).toEqual([]);
    expect(show(every(4, 200_000))).toEqual([0, 0, 1, 1, 2, 2, 3]);
  });

  it("fills a pause with the frame before it", () => {
    expect(show([0, 100_000, 600_000])).toEqual([0, 1, 1, 1, 1, 1, 2]);
  });

  it("ends the recording at a pause that is too long, where the pause begins", () => {
    const timeline = { originUs: 0, lastUs: 500_000, slots: 6 };
    expect(place(timeline, 10_500_001, rules)).toEqual({ kind: "over", why: "gap", slots: 6 });
  });

  it("ends a full recording at its full length", () => {
    const timeline = { originUs: 0, lastUs: 4_700_000, slots: 48 };
    const given = { ...rules, maxSlots: 50 };
    expect(place(timeline, 4_900_000, given).kind).toBe("slot");
    expect(place(timeline, 5_000_000, given)).toEqual({ kind: "over", why: "length", slots: 50 });
  });

  it("leaves out what is older than the last frame, and begins anew when the clock was set back", () => {
    const timeline = { originUs: 0, lastUs: 4_700_000, slots: 48 };
    expect(place(timeline, 4_700_000, rules).kind).toBe("late");
    expect(place(timeline, 4_600_000, rules).kind).toBe("late");
    expect(place(timeline, 2_600_000, rules)).toEqual({ kind: "over", why: "clock", slots: 48 });
  });

  it("lasts as long as what it shows, whatever the times are, and shows each frame near its time", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 2_000_000 }), { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 60 }),
        (pauses, fps) => {
          let us = 1_700_000_000_000_000;
          const times = [us, ...pauses.map((pause) => (us += pause))];
          const slots = show(times, { ...rules, fps });
          const origin = times[0] ?? 0;
          const duration = ((times.at(-1) ?? 0) - origin) / 1e6;
          expect(Math.abs(slots.length - Math.round(duration * fps))).toBeLessThanOrEqual(1);
          for (const [slot, frame] of slots.entries()) {
            const position = (((times[frame] ?? 0) - origin) * fps) / 1e6;
            expect(position - slot).toBeLessThan(1);
          }
        },
      ),
    );
  });
});
