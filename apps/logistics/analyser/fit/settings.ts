import type { Model } from "../model/model.ts";

const daySeconds = 86_400;

/** A cycle that a model may have: how long it is, and how many harmonics describe it. */
export interface Cycle {
  readonly name: string;
  readonly periodSeconds: number;
  readonly harmonics: number;
}

/** How a model is fitted. */
export interface FitSettings {
  /** Share of the observations that are to lie within an interval. */
  readonly intervalWidth: number;
  readonly seasonalityMode: Model["seasonalities"][number]["mode"];
  readonly cycles: readonly Cycle[];
  /** How readily the trend bends; the scale of the changes' Laplace prior. */
  readonly changepointPrior: number;
  /** Most observations that go into a fit, whose time grows with them. */
  readonly maxObservations: number;
  /** Futures that are simulated for an interval. */
  readonly samples: number;
  /** Of the optimiser and of the simulated futures. */
  readonly seed: number;
}

/** Prophet's own defaults. */
export const defaultFit: FitSettings = {
  intervalWidth: 0.8,
  seasonalityMode: "additive",
  cycles: [
    { name: "yearly", periodSeconds: 365.25 * daySeconds, harmonics: 10 },
    { name: "weekly", periodSeconds: 7 * daySeconds, harmonics: 3 },
    { name: "daily", periodSeconds: daySeconds, harmonics: 4 },
  ],
  changepointPrior: 0.05,
  maxObservations: 5000,
  samples: 1000,
  seed: 1,
};
