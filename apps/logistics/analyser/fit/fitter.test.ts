import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLogger } from "../../../common/logging.ts";
import { forecastAt } from "../model/forecast.ts";
import { Models } from "../models/models.ts";
import { storeModel } from "../models/store-model.ts";
import { someModel } from "../testing/models.ts";
import { syntheticSeries } from "../testing/series.ts";
import { fitModel } from "./fit.ts";
import { fitInThread } from "./fit-thread.ts";
import { type FitOutcome, Fitter } from "./fitter.ts";
import type { Observation } from "./history.ts";
import { defaultFit } from "./settings.ts";

const log = createLogger({ app: "test", level: "fatal", environment: "test" });
const minuteMs = 60_000;
const never = new AbortController().signal;

let folder: string;
let nowMs: number;
let stored: Observation[];
let outcomes: FitOutcome[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "edgelab-fitter-"));
  nowMs = Date.UTC(2026, 10, 22);
  stored = [];
  outcomes = [];
});
afterEach(() => rm(folder, { recursive: true }));

/** A fitter whose store has what `stored` has, with a sensor `s`. */
function open(changes: Partial<ConstructorParameters<typeof Fitter>[0]> = {}) {
  const models = new Models(folder, log);
  const fitter = new Fitter({
    models,
    folder,
    settings: defaultFit,
    history: async () => stored,
    fit: async (options) => fitModel(options),
    goodForMs: 60 * minuteMs,
    maxSensors: 2,
    log,
    count: (outcome) => outcomes.push(outcome),
    now: () => nowMs,
    ...changes,
  });
  const see = () => fitter.see("s", stored.at(-1)?.timeMs ?? 0);
  return { models, fitter, see };
}

const series = (count: number) => syntheticSeries({ seed: 1, count, everySeconds: 60, noise: 1 });

describe("a fitter", () => {
  it("fits a sensor's first model as soon as there is enough to fit it on, and says what it waits for", async () => {
    const { models, fitter, see } = open();
    stored = series(5);
    see();
    await fitter.round(never);
    expect(fitter.problems).toEqual([
      "sensor s has no model yet: 5 readings a second or more apart, a model needs 20",
    ]);
    stored = series(25);
    await fitter.round(never);
    expect(outcomes).toEqual(["short"]);
    nowMs += minuteMs;
    await fitter.round(never);
    expect([outcomes, fitter.problems]).toEqual([["short", "fitted"], []]);
    expect(models.of("s")?.card).toMatchObject({ sensor: "s", refit: true, history: { readings: 25 } });
  });

  it("fits anew when a model is old and there were readings since", async () => {
    const { models, fitter, see } = open();
    stored = series(100);
    see();
    await fitter.round(never);
    nowMs += 61 * minuteMs;
    await fitter.round(never);
    expect(outcomes).toEqual(["fitted"]);
    stored = series(101);
    see();
    await fitter.round(never);
    expect(outcomes).toEqual(["fitted", "fitted"]);
    expect(models.of("s")?.card.fittedAt).toBe(new Date(nowMs).toISOString());
  });

  it("fits anew before that when readings are beyond what a model can foresee, once for each that is stored", async () => {
    const { fitter } = open();
    stored = series(30);
    const end = stored.at(-1)?.timeMs ?? 0;
    fitter.see("s", end);
    await fitter.round(never);
    for (const minutes of [10, 40, 40]) {
      nowMs += minuteMs;
      fitter.see("s", end + minutes * minuteMs);
      await fitter.round(never);
    }
    // The second time nothing new was in the store, so that it waits.
    expect(outcomes).toEqual(["fitted", "fitted"]);
  });

  it("leaves models alone that are not marked for it, and fits none at all when told so", async () => {
    const { fitter, see } = open();
    const own = someModel();
    await storeModel(folder, own);
    stored = series(100);
    see();
    await fitter.round(never);
    expect(outcomes).toEqual([]);
    await storeModel(folder, { ...own, card: { ...own.card, refit: true } });
    await storeModel(folder, { ...own, card: { ...own.card, sensor: "s" } });
    await fitter.round(never);
    expect(outcomes).toEqual([]);
    const none = open({ goodForMs: 0 });
    none.see();
    await none.fitter.round(never);
    expect(outcomes).toEqual([]);
  });

  it("goes on when a fit or the store fails, and tries again later", async () => {
    let broken = true;
    const history = async () => {
      if (broken) throw new Error("the store is away");
      return stored;
    };
    const { fitter, see } = open({ history });
    stored = series(30);
    see();
    await fitter.round(never);
    expect(fitter.problems).toEqual(["sensor s could not be fitted a model: the store is away"]);
    broken = false;
    await fitter.round(never);
    expect(outcomes).toEqual(["failed"]);
    nowMs += 2 * minuteMs;
    await fitter.round(never);
    expect([outcomes, fitter.problems]).toEqual([["failed", "fitted"], []]);
  });

  it("knows no more sensors than it may", async () => {
    const { fitter, models } = open();
    stored = series(30);
    for (const sensor of ["a", "b", "c"]) fitter.see(sensor, 0);
    await fitter.round(never);
    expect(["a", "b", "c"].map((sensor) => models.own(sensor) !== undefined)).toEqual([true, true, false]);
  });

  it("fits in a thread of its own, with the same result", async () => {
    const { models, fitter } = open({ fit: fitInThread });
    stored = series(200);
    fitter.see("s", 0);
    await fitter.round(never);
    const model = models.of("s") ?? expect.unreachable();
    const here = fitModel({ sensor: "s", history: stored, settings: defaultFit, nowMs });
    expect(forecastAt(model, nowMs)).toEqual(forecastAt(here, nowMs));
  });
});
