import { messageOf } from "../../../common/errors.ts";
import type { Logger } from "../../../common/logging.ts";
import { pause } from "../../../common/retry.ts";
import type { Models } from "../models/models.ts";
import { storeModel } from "../models/store-model.ts";
import { dueReason } from "./due.ts";
import type { FitOptions } from "./fit.ts";
import { fitInThread } from "./fit-thread.ts";
import { type Observation, shortage, thinned } from "./history.ts";
import type { FitSettings } from "./settings.ts";

export interface FitterOptions {
  readonly models: Pick<Models, "own" | "shared" | "refresh" | "problems">;
  /** The models' folder. */
  readonly folder: string;
  readonly settings: FitSettings;
  readonly history: (sensor: string) => Promise<readonly Observation[]>;
  readonly fit?: (options: FitOptions, signal: AbortSignal) => ReturnType<typeof fitInThread>;
  /** A model is good for so long, ms; 0 fits none. */
  readonly goodForMs: number;
  readonly maxSensors: number;
  readonly log: Logger;
  readonly count: (outcome: FitOutcome) => void;
  /** ms since the epoch. */
  readonly now?: () => number;
}

export const fitOutcomes = ["fitted", "short", "failed"] as const;
export type FitOutcome = (typeof fitOutcomes)[number];

/** The longest that a fit may take; 5000 readings take seconds. */
const longestFitMs = 600_000;
/** When a sensor's turn comes again at the earliest, by what its last fit came to, ms. */
const againAfterMs = { fitted: 10_000, short: 10_000, failed: 60_000 } as const;

/** Fits models for the sensors whose readings it is told of, one at a time. */
export class Fitter {
  readonly #options: FitterOptions;
  readonly #now: () => number;
  /** Time of the latest reading of each sensor that had one since its last fit. */
  readonly #seen = new Map<string, number>();
  /** When the turn of a sensor comes again at the earliest, ms since the epoch. */
  readonly #notBefore = new Map<string, number>();
  /** What keeps a sensor from having a model, for people. */
  readonly #problems = new Map<string, string>();

  constructor(options: FitterOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Tells of a reading. */
  see(sensor: string, timeMs: number): void {
    const latest = this.#seen.get(sensor);
    if (latest === undefined && this.#seen.size >= this.#options.maxSensors) return;
    if (latest === undefined || timeMs > latest) this.#seen.set(sensor, timeMs);
  }

  /** What people should know of sensors without a model, and of models that were refused. */
  get problems(): readonly string[] {
    const ofSensors = [...this.#problems].map(([sensor, problem]) => `sensor ${sensor} ${problem}`);
    return [...this.#options.models.problems, ...ofSensors];
  }

  /** Looks after models until it is to end. @param told of the problems after each round */
  async run(
    everyMs: number,
    signal: AbortSignal,
    told: (problems: readonly string[]) => void,
  ): Promise<void> {
    while (!signal.aborted) {
      await this.round(signal);
      told(this.problems);
      await pause(everyMs, signal).catch(() => this.#options.log.debug("ended while waiting"));
    }
  }

  /** Loads models that were replaced, and fits those that are due. It never fails; see {@link problems}. */
  async round(signal: AbortSignal): Promise<void> {
    const { models, goodForMs } = this.#options;
    await models.refresh();
    if (goodForMs === 0) return;
    for (const [sensor, untilMs] of this.#notBefore) {
      if (untilMs <= this.#now()) this.#notBefore.delete(sensor);
    }
    for (const [sensor, latestMs] of [...this.#seen]) {
      if (signal.aborted) return;
      const nowMs = this.#now();
      const why = dueReason({ own: models.own(sensor), shared: models.shared, nowMs, latestMs, goodForMs });
      if (why === undefined) this.#problems.delete(sensor);
      else if (!this.#notBefore.has(sensor)) await this.#fit(sensor, why, signal);
    }
  }

  async #fit(sensor: string, why: string, signal: AbortSignal): Promise<void> {
    const { settings, history, folder, models, goodForMs, log } = this.#options;
    try {
      const used = thinned(await history(sensor), settings.maxObservations);
      const short = shortage(used);
      if (short !== undefined) {
        this.#problems.set(sensor, `has no model yet: ${short}`);
        return this.#over(sensor, "short");
      }
      const startMs = performance.now();
      const limit = AbortSignal.any([signal, AbortSignal.timeout(longestFitMs)]);
      const fit = this.#options.fit ?? fitInThread;
      const model = await fit({ sensor, history: used, settings, nowMs: this.#now() }, limit);
      const file = await storeModel(folder, model);
      log.info(
        { sensor, why, file, readings: used.length, ms: Math.round(performance.now() - startMs) },
        "model fitted",
      );
      this.#problems.delete(sensor);
      this.#seen.delete(sensor);
      // Readings that are not stored make no better model, however far beyond it they are.
      const nothingNew = models.own(sensor)?.card.history.to === model.card.history.to;
      this.#over(sensor, "fitted", nothingNew ? goodForMs : againAfterMs.fitted);
      await models.refresh();
    } catch (err) {
      if (signal.aborted) return;
      this.#problems.set(sensor, `could not be fitted a model: ${messageOf(err)}`);
      log.error({ err, sensor }, "a model could not be fitted; it is tried again later");
      this.#over(sensor, "failed");
    }
  }

  #over(sensor: string, outcome: FitOutcome, againMs: number = againAfterMs[outcome]): void {
    this.#notBefore.set(sensor, this.#now() + againMs);
    this.#options.count(outcome);
  }
}
