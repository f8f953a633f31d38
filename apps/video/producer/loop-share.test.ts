import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LoopShare, loopMeter } from "./loop-share.ts";

const busy = { utilization: 1, latencyMs: 10 };
const idle = { utilization: 0.3, latencyMs: 10 };

/** What a loop is at work for when all frames are sent, of which a part is there at any rate; more than 1 is too much. */
interface Work {
  readonly full: number;
  readonly fixed: number;
}

const used = ({ full, fixed }: Work, share: number) => Math.min(1, full * (fixed + (1 - fixed) * share));

describe("LoopShare", () => {
  it("leaves everything to a loop that keeps up", () => {
    const loop = new LoopShare(0.05);
    for (const utilization of [0.1, 0.5, 0.79, 0.9, 0.94])
      expect(loop.step({ utilization, latencyMs: 10 })).toBe(1);
  });

  it("finds the greatest part that a loop keeps up with, in whatever steps its load changes", () => {
    const work = fc.record({
      full: fc.double({ min: 0.1, max: 4, noNaN: true }),
      fixed: fc.double({ min: 0, max: 0.15, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(work, { minLength: 1, maxLength: 6 }), (steps) => {
        const loop = new LoopShare(0.02);
        let share = 1;
        for (const each of steps) {
          for (let step = 0; step < 60; step += 1)
            share = loop.step({ utilization: used(each, share), latencyMs: 10 });
          expect(used(each, share)).toBeLessThanOrEqual(0.95);
          // More would be too much, or there is no more.
          expect(share === 1 || used(each, share) >= 0.79).toBe(true);
        }
      }),
    );
  });

  it("asks for the least part when a loop is busy at any rate, and for all within 15 s after that", () => {
    const loop = new LoopShare(1 / 30);
    for (let step = 0; step < 100; step += 1) loop.step(busy);
    expect(loop.step(busy)).toBe(1 / 30);
    for (let step = 0; step < 30; step += 1) loop.step(idle);
    expect(loop.step(idle)).toBe(1);
  });
});

describe("LoopShare beside other programs", () => {
  /** Mean latency of a queue (M/M/1) whose server is held up by others. */
  const latencyOf = (utilization: number, heldUp: number) => (2 * heldUp) / Math.max(0.02, 1 - utilization);

  it("finds a part at which frames are in time, and holds it", () => {
    const others = fc.record({
      full: fc.double({ min: 0.5, max: 4, noNaN: true }),
      heldUp: fc.double({ min: 1, max: 8, noNaN: true }),
    });
    fc.assert(
      fc.property(others, ({ full, heldUp }) => {
        const loop = new LoopShare(0.02);
        const latencies: number[] = [];
        let share = 1;
        for (let step = 0; step < 200; step += 1) {
          const utilization = used({ full, fixed: 0.05 }, share);
          const latencyMs = latencyOf(utilization, heldUp);
          latencies.push(latencyMs);
          share = loop.step({ utilization, latencyMs });
        }
        const settled = latencies.slice(60);
        expect(settled.reduce((sum, each) => sum + each, 0) / settled.length).toBeLessThan(45);
        // More would be slow, or there is no more.
        const more = Math.min(1, share * 1.3);
        const wouldBe = used({ full, fixed: 0.05 }, more);
        expect(share === 1 || latencyOf(wouldBe, heldUp) > 30 || wouldBe > 0.8).toBe(true);
      }),
    );
  });

  it("leaves everything to a loop that frames do not wait for", () => {
    const loop = new LoopShare(0.02);
    for (let step = 0; step < 50; step += 1) expect(loop.step({ utilization: 0.3, latencyMs: 900 })).toBe(1);
  });
});

describe("loopMeter", () => {
  it("tells how much of the time since the last look the loop was at work", async () => {
    const utilization = loopMeter();
    await new Promise((resolve) => setTimeout(resolve, 30));
    utilization();
    const until = performance.now() + 30;
    while (performance.now() < until);
    expect(utilization()).toBeGreaterThan(0.5);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(utilization()).toBeLessThan(0.5);
  });
});
