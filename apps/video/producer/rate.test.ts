import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../../common/random.ts";
import { RateController } from "./rate.ts";

const stepSeconds = 0.5;
/** Steps in which a rate finds its place after a change. */
const settling = 30;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const times = (steps: number, value: number) => Array.from({ length: steps }, () => value);

/** Cameras that share a way to Kafka of so many frames a second, which serves each queue alike. */
class Way {
  readonly #controllers: readonly RateController[];
  readonly #maxQueued: number;
  readonly #random = new Random(7);
  #queues: number[];

  constructor(controllers: readonly RateController[], maxQueued = 60) {
    this.#controllers = controllers;
    this.#maxQueued = maxQueued;
    this.#queues = controllers.map(() => 0);
  }

  /** One step. @returns frames a second that each camera got through, and how many it has waiting */
  step(capacity: number): { rates: number[]; queues: number[] } {
    const before = this.#queues;
    const offered = this.#controllers.map(({ fps }, i) => (before[i] ?? 0) + fps * stepSeconds);
    const served = waterFill(offered, capacity * stepSeconds);
    this.#queues = offered.map((frames, i) => Math.min(this.#maxQueued, frames - (served[i] ?? 0)));
    for (const [i, controller] of this.#controllers.entries()) {
      const queued = Math.floor(Math.min(before[i] ?? 0, this.#queues[i] ?? 0));
      // Frames are whole: a step sees one more or one less.
      const frames = Math.max(0, Math.round((served[i] ?? 0) + this.#random.between(-0.5, 0.5)));
      controller.step({ queued, acknowledged: frames / stepSeconds });
    }
    return { rates: served.map((frames) => frames / stepSeconds), queues: this.#queues };
  }
}

/** Shares so much among those that want it: each gets what it wants, or as much as any other that wants more. */
function waterFill(wanted: readonly number[], total: number): number[] {
  const got = wanted.map(() => 0);
  let left = total;
  const order = [...wanted.keys()].sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  for (const [position, i] of order.entries()) {
    got[i] = Math.min(wanted[i] ?? 0, left / (order.length - position));
    left -= got[i] ?? 0;
  }
  return got;
}

describe("RateController", () => {
  it("holds the target while nothing is in the way", () => {
    const controller = new RateController({ target: 30 });
    for (let i = 0; i < 100; i += 1) expect(controller.step({ queued: i % 2, acknowledged: 30 })).toBe(30);
  });

  it("sends as much as ever while Kafka is slow at any rate", () => {
    // Four frames are in flight for 0.6 s each: 6.7 a second, and no queue below that.
    const way = new Way([new RateController({ target: 30 })]);
    const rates = times(200, 4 / 0.6).map((capacity) => way.step(capacity).rates[0] ?? 0);
    expect(mean(rates.slice(settling))).toBeGreaterThan(0.85 * (4 / 0.6));
  });

  it("gets nearly all that can be sent through, whatever that is, with a short queue", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 3, max: 45, noNaN: true }), { minLength: 1, maxLength: 6 }),
        (levels) => {
          const way = new Way([new RateController({ target: 30 })]);
          for (const capacity of levels) {
            const seen = times(120, capacity).map((each) => way.step(each));
            const settled = seen.slice(settling);
            const possible = Math.min(30, capacity);
            expect(mean(settled.map(({ rates }) => rates[0] ?? 0))).toBeGreaterThan(0.85 * possible);
            // A quarter of a second, or two frames where few come in that time.
            const limit = Math.max(2, capacity / 4);
            expect(mean(settled.map(({ queues }) => queues[0] ?? 0))).toBeLessThan(limit);
          }
        },
      ),
    );
  });

  it("is back at the target within 15 s of any trouble", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 40, noNaN: true }), { maxLength: 200 }), (trouble) => {
        const controller = new RateController({ target: 30 });
        const way = new Way([controller]);
        for (const capacity of [...trouble, ...times(30, 100)]) way.step(capacity);
        expect(controller.fps).toBe(30);
      }),
    );
  });

  it("lets no camera starve for another: who shares a way gets a fair part, wherever each began", () => {
    const troubles = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(troubles, fc.double({ min: 0.15, max: 0.9, noNaN: true }), (begins, part) => {
        const controllers = begins.map(() => new RateController({ target: 30 }));
        // Each begins somewhere else: some were held up alone.
        for (const [i, begin] of begins.entries()) {
          for (let step = 0; step < 3; step += 1)
            controllers[i]?.step({ queued: 20, acknowledged: 30 * begin });
        }
        const way = new Way(controllers);
        const seen = times(300, part * 30 * begins.length).map((capacity) => way.step(capacity).rates);
        const shares = controllers.map((_, i) => mean(seen.slice(settling).map((rates) => rates[i] ?? 0)));
        expect(jain(shares)).toBeGreaterThan(0.97);
      }),
    );
  });

  it("never leaves the range from floor to target, whatever it is told", () => {
    const progress = fc.record({
      queued: fc.nat(100),
      acknowledged: fc.double({ min: 0, max: 1e4, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 120, noNaN: true }), fc.array(progress), (target, steps) => {
        const controller = new RateController({ target });
        for (const each of steps) {
          const rate = controller.step(each);
          expect(rate).toBeLessThanOrEqual(target);
          expect(rate).toBeGreaterThanOrEqual(Math.min(1, target));
        }
      }),
    );
  });
});

/** R. Jain's index of fairness, 1 when all get the same and 1/n when one gets all. */
function jain(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0);
  return sum ** 2 / (shares.length * shares.reduce((total, share) => total + share ** 2, 0));
}
