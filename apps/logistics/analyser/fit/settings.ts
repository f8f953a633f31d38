const daySeconds = 86_400;

/** A cycle that a model may have: how long it is, and how many harmonics describe it. */
export interface Cycle {
  readonly name: string;
  readonly periodSeconds: number;
  readonly harmonics: number;
}

/**
 * How trend and cycles come together: added; the cycles a share of the trend; added in the logarithm, where each
 * multiplies the others. `auto` is added or the logarithm, whichever is nearer to the history; the latter only where
 * no reading is negative.
 */
export const forms = ["auto", "additive", "multiplicative", "log"] as const;
export type Form = (typeof forms)[number];

/** How a model is fitted. */
export interface FitSettings {
  /** Share of the observations that are to lie within an interval. */
  readonly intervalWidth: number;
  readonly form: Form;
  readonly cycles: readonly Cycle[];
  /** How many of a cycle a history must have for a model to have it; above 1, or the trend would pass for one. */
  readonly leastCycles: number;
  /** How readily the trend bends; the scale of the changes' Laplace prior. */
  readonly changepointPrior: number;
  /** Most observations that go into a fit, whose time grows with them. */
  readonly maxObservations: number;
  /** Futures that are simulated for an interval. */
  readonly samples: number;
  /** Of the optimiser and of the simulated futures. */
  readonly seed: number;
}

/**
 * Prophet's own defaults, but for three: the form, which it leaves additive; a day's harmonics, of which it has 4, too
 * few for the edges of a day that is measured by the minute; and that it waits for two of a cycle.
 */
export const defaultFit: FitSettings = {
  intervalWidth: 0.8,
  form: "auto",
  cycles: [
    { name: "yearly", periodSeconds: 365.25 * daySeconds, harmonics: 10 },
    { name: "weekly", periodSeconds: 7 * daySeconds, harmonics: 3 },
    { name: "daily", periodSeconds: daySeconds, harmonics: 8 },
  ],
  leastCycles: 1.25,
  changepointPrior: 0.05,
  maxObservations: 5000,
  samples: 1000,
  seed: 1,
};
