import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { forecastAt } from "../model/forecast.ts";
import { formatModel, parseModel } from "../model/model.ts";
import { syntheticSeries } from "../testing/series.ts";
import { fitBoth, fitModel } from "./fit.ts";
import { defaultFit } from "./settings.ts";

const nowMs = Date.UTC(2026, 10, 22);

describe("a stored model", () => {
  it.each([
    ["log", 3 * 7 * 24, 3600],
    ["additive", 6 * 7 * 24, 3600],
    ["multiplicative", 6 * 7 * 24, 3600],
    ["additive", 4 * 365, 86_400],
    ["additive", 30, 60],
  ] as const)(
    "forecasts as the library does: %s, %d observations every %d s",
    (form, count, everySeconds) => {
      const history = syntheticSeries({ seed: 3, count, everySeconds, noise: 4 });
      const settings = { ...defaultFit, form };
      const { model, fitted } = fitBoth({ sensor: "s", history, settings, nowMs });
      const stored = parseModel(formatModel(model), "file");
      const { timeMs: firstMs = 0 } = history.at(0) ?? {};
      // Within the history, and a third of its length beyond.
      const seconds = Array.from({ length: 60 }, (_, i) =>
        Math.round(firstMs / 1000 + (i * count * everySeconds * 4) / 3 / 59),
      );
      const theirs = fitted?.predict({ ds: seconds }).yhat;
      fitted?.free();
      for (const [i, second] of seconds.entries()) {
        const { yhat, ...interval } = forecastAt(stored, second * 1000);
        const theirScale = (value: number) => (form === "log" ? Math.log1p(value) : value);
        const ours = {
          yhat: theirScale(yhat),
          lower: theirScale(interval.lower),
          upper: theirScale(interval.upper),
        };
        expect(ours.yhat).toBeCloseTo(theirs?.point[i] ?? Number.NaN, 6);
        // Theirs are drawn anew each time: the 10 % quantile of 1000 normal numbers has a standard error of 2.1 % of the
        // interval, the difference of two such 3 %; a fifth of the interval is more than six of these.
        const tolerance = (ours.upper - ours.lower) / 5;
        expect(Math.abs(ours.lower - (theirs?.intervals?.lower[i] ?? Number.NaN))).toBeLessThan(tolerance);
        expect(Math.abs(ours.upper - (theirs?.intervals?.upper[i] ?? Number.NaN))).toBeLessThan(tolerance);
      }
    },
  );

  it("has the cycles that its history can tell, and says what it was fitted on", () => {
    const cyclesOf = (count: number, everySeconds: number) =>
      fitModel({
        sensor: "s",
        history: syntheticSeries({ seed: 1, count, everySeconds, noise: 1 }),
        settings: defaultFit,
        nowMs,
      }).seasonalities.map(({ name, terms }) => `${name} ${terms.length}`);
    expect(cyclesOf(30, 3600)).toEqual([]);
    expect(cyclesOf(31, 3600)).toEqual(["daily 8"]);
    expect(cyclesOf(24 * 9, 3600).toSorted()).toEqual(["daily 8", "weekly 3"]);
    expect(cyclesOf(3 * 365, 86_400).toSorted()).toEqual(["weekly 3", "yearly 10"]);
    const history = syntheticSeries({ seed: 1, count: 40, everySeconds: 60, noise: 1 });
    expect(fitModel({ sensor: "s", history, settings: defaultFit, nowMs }).card).toEqual({
      name: "Prophet",
      sensor: "s",
      fittedAt: "2026-11-22T00:00:00.000Z",
      history: { from: "2026-01-05T00:00:00.000Z", to: "2026-01-05T00:39:00.000Z", readings: 40 },
      refit: true,
    });
  });

  it("is the constant of what never changed", () => {
    fc.assert(
      fc.property(fc.constantFrom(0, 7, -3, 1e300), fc.integer({ min: -1e9, max: 1e9 }), (value, second) => {
        const history = Array.from({ length: 30 }, (_, i) => ({ timeMs: i * 1000, value }));
        const model = fitModel({ sensor: "s", history, settings: defaultFit, nowMs });
        const forecast = forecastAt(model, second * 1000);
        // The logarithm and back: to the last digits.
        expect(forecast.yhat / (value || 1)).toBeCloseTo(value === 0 ? 0 : 1, 9);
        expect([forecast.lower, forecast.upper]).toEqual([forecast.yhat, forecast.yhat]);
      }),
    );
  });

  it("has whichever form is nearer to its history, and no logarithm of a negative reading", () => {
    const history = syntheticSeries({
      seed: 1,
      count: 300,
      everySeconds: 600,
      noise: 1,
      daily: 0,
      weekly: 0,
    });
    const fitTo = (values: (value: number) => number, form: "auto" | "log") =>
      fitModel({
        sensor: "s",
        history: history.map(({ timeMs, value }) => ({ timeMs, value: values(value) })),
        settings: { ...defaultFit, form },
        nowMs,
      });
    const nearZero = fitTo((value) => Math.max(0, value - 100), "auto");
    expect(nearZero.scale.transform).toBe("log1p");
    expect(forecastAt(nearZero, history.at(-1)?.timeMs ?? 0).lower).toBeGreaterThan(-1);
    expect(fitTo((value) => value - 100, "auto").scale.transform).toBe("none");
    expect(() => fitTo((value) => value - 100, "log")).toThrow(/a reading is negative.*fix: another form/);
  });

  it("cannot be fitted to next to nothing, whatever is in it", () => {
    const history = Array.from({ length: 100 }, (_, i) => ({ timeMs: i * 10, value: i }));
    expect(() => fitModel({ sensor: "s", history, settings: defaultFit, nowMs })).toThrow(
      "sensor s has too little history: 1 readings a second or more apart, a model needs 20",
    );
  });
});
