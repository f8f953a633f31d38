import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../../../apps/common/random.ts";
import { growing, slope } from "./slope.ts";

const seconds = Array.from({ length: 60 }, (_, x) => x);

describe("slope", () => {
  it("finds any straight line without error", () => {
    fc.assert(
      fc.property(fc.integer({ min: -100, max: 100 }), fc.integer({ min: -100, max: 100 }), (rise, at) => {
        const line = slope(seconds.map((x) => ({ x, y: at + rise * x })));
        expect(line.slope).toBeCloseTo(rise, 9);
        expect(line.intercept).toBeCloseTo(at, 6);
        expect(line.standardError).toBeCloseTo(0, 9);
      }),
    );
  });

  it("agrees with a worked example", () => {
    const line = slope([1, 2, 3, 4].map((x, i) => ({ x, y: [6, 5, 7, 10][i] ?? 0 })));
    expect(line.slope).toBeCloseTo(1.4, 12);
    expect(line.intercept).toBeCloseTo(3.5, 12);
    expect(line.standardError).toBeCloseTo(Math.sqrt(4.2 / 2 / 5), 12);
  });

  it("knows nothing of two points or of one moment", () => {
    const pairs = [
      [
        { x: 0, y: 0 },
        { x: 1, y: 9 },
      ],
      [1, 2, 3].map((y) => ({ x: 5, y })),
      [],
    ];
    for (const points of pairs) expect(slope(points).standardError).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("growing", () => {
  const noise = new Random(1);
  const lag = (of: (x: number) => number) =>
    seconds.map((x) => ({ x, y: Math.max(0, of(x) + 10 * noise.normal()) }));

  it("finds a consumer that falls behind by five messages a second", () => {
    const growth = growing(
      lag((x) => 5 * x),
      100,
    );
    expect(growth.growing).toBe(true);
    expect(growth.messagesPerSecond).toBeCloseTo(5, 0);
    expect(growth.messages).toBeGreaterThan(180);
  });

  it("does not take a steady lag, a slight growth or a stall that was caught up with for it", () => {
    expect(
      growing(
        lag(() => 50),
        100,
      ).growing,
    ).toBe(false);
    expect(
      growing(
        lag((x) => 50 + x),
        100,
      ).growing,
    ).toBe(false);
    expect(
      growing(
        lag((x) => (x > 35 && x < 45 ? 400 : 20)),
        100,
      ).growing,
    ).toBe(false);
    expect(growing([], 100).growing).toBe(false);
  });
});
