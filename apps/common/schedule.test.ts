import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fixedArrivals, poissonArrivals, Schedule } from "./schedule.ts";

/** Asks at each of these times until nothing is due, and returns what was sent when. */
function play(schedule: Schedule, times: readonly number[]) {
  const sent: { seq: number; dueMs: number; atMs: number }[] = [];
  for (const atMs of times) {
    for (let step = schedule.step(atMs); "seq" in step; step = schedule.step(atMs))
      sent.push({ ...step, atMs });
  }
  return sent;
}

function scheduleAt(options: { startMs: number; perSecond: number; maxLateMs: number }) {
  const skipped: { seq: number; dueMs: number }[] = [];
  const { perSecond, ...rest } = options;
  const schedule = new Schedule({
    ...rest,
    dueAfterMs: fixedArrivals(perSecond),
    onSkipped: (seq, dueMs) => skipped.push({ seq, dueMs }),
  });
  return { schedule, skipped };
}

describe("Schedule", () => {
  it("sends message k at start + k / rate and says how long to wait for it", () => {
    const { schedule } = scheduleAt({ startMs: 1000, perSecond: 10, maxLateMs: 60_000 });
    expect(schedule.step(990)).toEqual({ waitMs: 10 });
    expect(schedule.step(1000)).toEqual({ seq: 0, dueMs: 1000 });
    expect(schedule.step(1000)).toEqual({ waitMs: 100 });
    expect(schedule.step(1100)).toEqual({ seq: 1, dueMs: 1100 });
  });

  it("sends what is late at once, with the times at which it was due", () => {
    const { schedule } = scheduleAt({ startMs: 0, perSecond: 10, maxLateMs: 60_000 });
    expect(play(schedule, [350]).map(({ dueMs }) => dueMs)).toEqual([0, 100, 200, 300]);
    expect(schedule.step(350)).toEqual({ waitMs: 50 });
  });

  it("skips and counts what is too late", () => {
    const { schedule, skipped } = scheduleAt({ startMs: 0, perSecond: 10, maxLateMs: 200 });
    expect(play(schedule, [1000]).map(({ seq }) => seq)).toEqual([8, 9, 10]);
    expect(skipped.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(skipped.at(-1)?.dueMs).toBe(700);
  });

  it("never drifts, never sends early, and sends or skips each message exactly once, however irregularly it is asked", () => {
    const pauses = fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { minLength: 1, maxLength: 50 });
    const rates = fc.double({ min: 0.5, max: 200, noNaN: true });
    fc.assert(
      fc.property(
        pauses,
        rates,
        fc.double({ min: 0, max: 1000, noNaN: true }),
        (gaps, perSecond, maxLateMs) => {
          const { schedule, skipped } = scheduleAt({ startMs: 7, perSecond, maxLateMs });
          const times = gaps.map(
            (_, index) => 7 + gaps.slice(0, index + 1).reduce((sum, gap) => sum + gap, 0),
          );
          const sent = play(schedule, times);
          for (const { seq, dueMs, atMs } of sent) {
            expect(dueMs).toBeCloseTo(7 + (seq * 1000) / perSecond, 6);
            expect(atMs).toBeGreaterThanOrEqual(dueMs);
            expect(atMs - dueMs).toBeLessThanOrEqual(maxLateMs + 1e-6);
          }
          const all = [...sent, ...skipped].map(({ seq }) => seq).sort((a, b) => a - b);
          expect(all).toEqual(all.map((_, index) => index));
          const last = times.at(-1) ?? 7;
          const step = schedule.step(last);
          const next =
            "waitMs" in step ? Math.round(((last + step.waitMs - 7) * perSecond) / 1000) : Number.NaN;
          expect(all.length).toBe(next);
        },
      ),
    );
  });
});

describe("poissonArrivals", () => {
  it("has the mean rate asked for and gaps whose standard deviation is their mean, as exponential gaps have", () => {
    const dueAfterMs = poissonArrivals(50, 7);
    const times = Array.from({ length: 20_000 }, (_, seq) => dueAfterMs(seq));
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0);
    expect(Math.abs(mean - 20)).toBeLessThan(0.5);
    expect(Math.abs(deviation / mean - 1)).toBeLessThan(0.03);
  });

  it("is the same for the same seed and another for another", () => {
    const first = (seed: number) => poissonArrivals(10, seed)(0);
    expect(first(1)).toBe(first(1));
    expect(first(1)).not.toBe(first(2));
  });
});
