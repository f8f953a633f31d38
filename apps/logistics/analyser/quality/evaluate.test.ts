import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultFit } from "../fit/settings.ts";
import { syntheticSeries } from "../testing/series.ts";
import { accuracyOf, mean, type Outcome } from "./accuracy.ts";
import { evaluate } from "./evaluate.ts";
import { seasonalNaive } from "./naive.ts";

const outcome = (truth: number, yhat: number, reach = 1): Outcome => ({
  timeMs: 0,
  truth,
  forecast: { yhat, lower: yhat - reach, upper: yhat + reach },
});

describe("accuracyOf", () => {
  it("is what its definitions say, and leaves what is 0 out of the percentage", () => {
    const outcomes = [outcome(10, 11), outcome(-20, -15), outcome(0, 4)];
    expect(accuracyOf(outcomes)).toEqual({
      count: 3,
      mae: (1 + 5 + 4) / 3,
      mape: (0.1 + 0.25) / 2,
      zeros: 1,
      coverage: 1 / 3,
      width: 2,
    });
    expect(accuracyOf([outcome(0, 1)]).mape).toBeNaN();
  });
});

describe("seasonalNaive", () => {
  const cycle = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ timeMs: i * 60_000, value: [5, 9, 2, 7][i % 4] ?? 0 }));

  it("repeats the last cycle without end, where one repeats", () => {
    fc.assert(
      fc.property(fc.integer({ min: 12, max: 40 }), fc.integer({ min: 0, max: 100 }), (count, ahead) => {
        const naive = seasonalNaive(cycle(count), [120, 240, 1e9], 0.8);
        const next = (count + ahead) * 60_000;
        expect(naive).toMatchObject({ periodSeconds: 240, historyError: 0 });
        expect(naive.at(next).yhat).toBe(cycle(count + ahead + 1).at(-1)?.value);
      }),
    );
  });

  it("repeats the last value where no cycle is known, with an interval as wide as its errors were", () => {
    const naive = seasonalNaive(cycle(41), [], 0.8);
    const last = cycle(41).at(-1)?.value ?? 0;
    // Steps of 4, 7, 5 and 2: four fifths of them are at most 7.
    expect(naive.at(1e9)).toEqual({ yhat: last, lower: last - 7, upper: last + 7 });
  });
});

describe("models of series with growth, a daily and a weekly cycle and noise", () => {
  const days = 35;
  it.each([
    ["added", 1],
    ["added", 2],
    ["multiplied", 3],
    ["multiplied", 4],
  ] as const)(
    "beat the seasonal-naive forecast, and their intervals hold what they say: %s, seed %d",
    (how, seed) => {
      const noise = 3;
      const multiplied = how === "multiplied";
      const every = { count: days * 48, everySeconds: 1800 };
      const history = syntheticSeries({ ...every, seed, noise, growth: 1, daily: 40, multiplied });
      const { model, naive, last } = evaluate("s", history, defaultFit) ?? expect.unreachable();
      expect(model.mae).toBeLessThan(naive.mae / 1.3);
      expect(model.mape).toBeLessThan(naive.mape / 1.3);
      expect(model.mase).toBeLessThan(1);
      // The mean absolute error of the noise itself, which nothing can forecast, is 0.8 of its standard deviation: of the
      // level, where it multiplies.
      const level = multiplied ? mean(last.outcomes.map(({ truth }) => truth)) / 100 : 1;
      expect(model.mae).toBeLessThan(noise * level * 0.8 * 1.25);
      // 504 truths: four standard errors of a share of 80 % are 7.1 points; the trend's own error may take as much.
      expect(Math.abs(model.coverage - 0.8)).toBeLessThan(0.14);
    },
  );

  it("say nothing of a history that is too short", () => {
    const history = syntheticSeries({ seed: 1, count: 27, everySeconds: 60, noise: 1 });
    expect(evaluate("s", history, defaultFit)).toBeUndefined();
  });
});
