import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { someModel } from "../testing/models.ts";
import { forecastAt } from "./forecast.ts";
import { formatModel, ModelError, parseModel } from "./model.ts";

// JSON has no −0.
const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((number) => number + 0);
const models = fc.record({
  rate: finite,
  offset: finite,
  noise: fc.double({ min: 0, max: 1e3, noNaN: true }),
  changepoints: fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), change: finite })),
  terms: fc.array(fc.tuple(finite, finite), { minLength: 1, maxLength: 5 }),
  mode: fc.constantFrom("additive" as const, "multiplicative" as const),
});
const made = models.map(({ rate, offset, noise, changepoints, terms, mode }) =>
  someModel({
    trend: { growth: "linear", rate, offset, changepoints },
    noise,
    seasonalities: [{ name: "daily", periodSeconds: 86_400, mode, terms }],
  }),
);
const times = fc.integer({ min: 0, max: 4_102_444_800_000 });

describe("a model", () => {
  it("is read as it was written, and forecasts the same to the last bit", () => {
    fc.assert(
      fc.property(made, times, (model, timeMs) => {
        const read = parseModel(formatModel(model), "file");
        expect(JSON.stringify(read)).toBe(JSON.stringify(model));
        expect(forecastAt(read, timeMs)).toEqual(forecastAt(model, timeMs));
      }),
    );
  });

  it("forecasts finite values within their interval at any time", () => {
    fc.assert(
      fc.property(made, times, (model, timeMs) => {
        const { yhat, lower, upper } = forecastAt(model, timeMs);
        expect([yhat, lower, upper].every(Number.isFinite)).toBe(true);
        expect(lower).toBeLessThanOrEqual(yhat);
        expect(upper).toBeGreaterThanOrEqual(yhat);
      }),
    );
  });

  it("is refused with everything that is wrong with it, and the name of its file", () => {
    const { trend, ...rest } = JSON.parse(formatModel(someModel()));
    const wrong = JSON.stringify({ ...rest, noise: -1, typo: 1, scale: { start: 0, span: 0, value: 1 } });
    const refused = (text: string) => {
      try {
        return parseModel(text, "x.json");
      } catch (error) {
        return error instanceof ModelError ? error.message : error;
      }
    };
    expect(trend).toBeDefined();
    expect(refused(wrong)).toMatch(
      /the model x\.json is wrong:\n {2}scale\.span: .*\n {2}trend: .*\n {2}noise: .*\n {2}\(model\): .*typo/,
    );
    expect(refused("{")).toMatch(/the model x\.json is no JSON: /);
    expect(refused(formatModel(someModel()).replace('"noise": 0.05', '"noise": null'))).toMatch(/noise/);
  });
});

describe("intervals", () => {
  const at = (time: number) => (someModel().scale.start + time * someModel().scale.span) * 1000;

  it("hold their share of normal noise within the history, and widen after it, smoothly", () => {
    const model = someModel({ seasonalities: [] });
    const widthAt = (time: number) => {
      const { lower, upper } = forecastAt(model, at(time));
      return upper - lower;
    };
    // 80 % of a normal distribution lie within 1.2816 standard deviations; 1000 samples tell it to 4 %.
    expect(Math.abs(widthAt(0.5) / (2 * 1.2816 * 0.05 * 100) - 1)).toBeLessThan(0.12);
    expect(widthAt(0.9)).toBeCloseTo(widthAt(0.1), 9);
    const ahead = Array.from({ length: 400 }, (_, i) => widthAt(1 + i / 100));
    const steps = ahead.slice(1).map((width, i) => width / (ahead[i] ?? 0));
    expect(Math.min(...steps)).toBeGreaterThan(0.97);
    expect(Math.max(...steps)).toBeLessThan(1.1);
    expect((ahead.at(-1) ?? 0) / widthAt(1)).toBeGreaterThan(5);
  });

  it("have the spread of the drift that the normal limit has, on both sides of where it takes over", () => {
    // 25 changepoints: 50 changes are expected at time 3.
    const model = someModel({ seasonalities: [], noise: 0 });
    const ratio = (time: number) => {
      const { lower, upper } = forecastAt(model, at(time));
      return (upper - lower) / (time - 1) ** 1.5;
    };
    expect(ratio(2.999) / ratio(3.001)).toBeGreaterThan(0.88);
    expect(ratio(2.999) / ratio(3.001)).toBeLessThan(1.12);
  });
});
