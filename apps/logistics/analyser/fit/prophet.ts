/**
 * The only file that uses Prophet in WebAssembly. It keeps its thread busy for as long as a fit takes, and its memory
 * never shrinks, so it belongs into a thread of its own (see fit-thread.ts).
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import init, { Prophet, type ProphetOptions } from "@bsull/augurs/prophet";
import { optimizer } from "@bsull/augurs-prophet-wasmstan";
import { z } from "zod";
import type { Seasonality } from "../model/model.ts";
import type { Observation } from "./history.ts";
import type { Cycle, FitSettings } from "./settings.ts";

const numbers = z.array(z.number());

/** What the optimiser is given, of which this is needed to read its answer. */
const givenSchema = z.object({
  t_change: numbers,
  /** A row an observation, a column a regressor: the harmonics of one cycle after the other, in no particular order. */
  X: z.array(numbers).min(1),
});

/** The parameters as Stan estimates them, all of scaled values in scaled time. */
export interface Estimate {
  /** Growth, offset, changes of growth, coefficients of the regressors, noise. */
  readonly k: number;
  readonly m: number;
  readonly delta: readonly number[];
  readonly beta: readonly number[];
  readonly sigma: number;
  /** Scaled times of the changes. */
  readonly changepoints: readonly number[];
  /** The regressors' rows, in the order of time. */
  readonly regressors: readonly (readonly number[])[];
}

/** A fitted model of the library's own, which can forecast but not be stored. */
export type Fitted = Pick<Prophet, "predict" | "free">;

const wasm = new URL("./prophet_bg.wasm", import.meta.resolve("@bsull/augurs/prophet"));
await init({ module_or_path: await readFile(fileURLToPath(wasm)) });

/**
 * Fits Prophet to a history: the most probable parameters, found by Stan's L-BFGS.
 * @param history in the order of time, one a second at most
 * @throws when the optimiser fails, with what it said
 */
export function fitProphet(
  history: readonly Observation[],
  cycles: readonly Cycle[],
  settings: FitSettings,
  mode: Seasonality["mode"],
): { readonly estimate: Estimate; readonly fitted: Fitted } {
  let estimate: Estimate | undefined;
  const spying: ProphetOptions["optimizer"] = {
    optimize: (initial, data, options) => {
      const output = optimizer.optimize(initial, data, options);
      estimate = estimateOf(output.params, givenSchema.parse(JSON.parse(data)));
      return output;
    },
  };
  const off = { type: "manual", enabled: false } as const;
  const prophet = new Prophet({
    optimizer: spying,
    intervalWidth: settings.intervalWidth,
    uncertaintySamples: settings.samples,
    changepointPriorScale: settings.changepointPrior,
    seasonalityMode: mode,
    yearlySeasonality: off,
    weeklySeasonality: off,
    dailySeasonality: off,
  });
  for (const { name, periodSeconds, harmonics } of cycles) {
    prophet.addSeasonality(name, { period: periodSeconds / 86_400, fourierOrder: harmonics });
  }
  prophet.fit(
    {
      ds: history.map(({ timeMs }) => Math.floor(timeMs / 1000)),
      y: history.map(({ value }) => value),
    },
    { seed: settings.seed },
  );
  if (estimate === undefined) throw new Error("Prophet was fitted without its optimiser");
  return { estimate, fitted: prophet };
}

function estimateOf(
  params: { k: number; m: number; sigmaObs: number; delta: Float64Array; beta: Float64Array },
  given: z.output<typeof givenSchema>,
): Estimate {
  return {
    k: params.k,
    m: params.m,
    sigma: params.sigmaObs,
    delta: [...params.delta],
    beta: [...params.beta],
    changepoints: given.t_change,
    regressors: given.X,
  };
}
