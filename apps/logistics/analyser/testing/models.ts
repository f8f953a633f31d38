import type { Model } from "../model/model.ts";

/** A model of values about 100 with a daily cycle, fitted on ten days from 2026-01-05 on. */
export function someModel(changes: Partial<Model> = {}): Model {
  const start = Date.UTC(2026, 0, 5) / 1000;
  const span = 10 * 86_400;
  return {
    format: "edgelab-forecast/1",
    card: {
      name: "test",
      fittedAt: "2026-01-15T00:00:00.000Z",
      history: { from: "2026-01-05T00:00:00.000Z", to: "2026-01-15T00:00:00.000Z", readings: 240 },
      refit: false,
    },
    scale: { start, span, value: 100, transform: "none" },
    trend: {
      growth: "linear",
      rate: 0.1,
      offset: 0.9,
      changepoints: Array.from({ length: 25 }, (_, i) => ({
        at: (i + 1) / 32,
        change: i % 2 === 0 ? 0.05 : -0.05,
      })),
    },
    seasonalities: [{ name: "daily", periodSeconds: 86_400, mode: "additive", terms: [[0.2, 0]] }],
    noise: 0.05,
    intervals: { width: 0.8, samples: 1000, seed: 1 },
    ...changes,
  };
}
