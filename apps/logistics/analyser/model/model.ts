import { z } from "zod";

const finite = z.number("is not a number");
const daySeconds = 86_400;

const trend = z.strictObject({
  /** `linear` bends at the changepoints; `flat` stays at the offset. */
  growth: z.enum(["linear", "flat"]),
  /** Growth before the first changepoint, scaled values in scaled time. */
  rate: finite,
  /** Scaled value at scaled time 0. */
  offset: finite,
  /** Where the rate changes, and by how much. */
  changepoints: z
    .array(
      z.strictObject({
        /** Scaled time. */
        at: finite.min(0).max(1),
        change: finite,
      }),
    )
    .max(1000),
});

const seasonality = z.strictObject({
  name: z.string().min(1).max(100),
  periodSeconds: finite.positive().max(100 * 365.25 * daySeconds),
  /** Whether it is added to the trend, or stretches it. */
  mode: z.enum(["additive", "multiplicative"]),
  /** Coefficients of the sine and the cosine of the period's 1st, 2nd, … harmonic. */
  terms: z
    .array(z.tuple([finite, finite]))
    .min(1)
    .max(200),
});

const schema = z.strictObject({
  format: z.literal("edgelab-forecast/1"),
  card: z.strictObject({
    /** What kind of model it is, for people. */
    name: z.string().min(1).max(200),
    /** Whose readings it was fitted on; left out of a model for every sensor. */
    sensor: z.string().min(1).max(1000).optional(),
    fittedAt: z.iso.datetime(),
    /** What it was fitted on. */
    history: z.strictObject({
      from: z.iso.datetime(),
      to: z.iso.datetime(),
      readings: z.int().min(0),
    }),
    /** Whether the scheduled fit may replace it; a model of one's own is left alone. */
    refit: z.boolean().default(false),
    notes: z.string().max(10_000).optional(),
  }),
  /** Scaled time is (seconds since the epoch − start) ÷ span, a scaled value is the transformed one ÷ `value`. */
  scale: z.strictObject({
    start: finite,
    span: finite.positive(),
    value: finite.positive(),
    /** `log1p`: the model is one of ln(1 + value), in which what multiplies the values is added. */
    transform: z.enum(["none", "log1p"]).default("none"),
  }),
  trend,
  seasonalities: z.array(seasonality).max(100),
  /** Standard deviation of an observation about the model, scaled. */
  noise: finite.min(0),
  intervals: z.strictObject({
    /** Share of the observations that are to lie within. */
    width: finite.gt(0).lt(1),
    /** Futures that are simulated for an interval. */
    samples: z.int().min(20).max(10_000),
    seed: z.int().min(0).max(0xffff_ffff),
  }),
});

/**
 * A fitted model as it stands in its file: a card for people, and the parameters of a decomposable time series after
 * S. J. Taylor and B. Letham, "Forecasting at Scale", The American Statistician 72(1), 2018: a piecewise linear trend,
 * seasonalities as Fourier series, and noise.
 */
export type Model = z.output<typeof schema>;
export type Seasonality = Model["seasonalities"][number];

/** Thrown for a file that holds no model; the message says everything that is wrong with it. */
export class ModelError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ModelError";
  }
}

/**
 * Reads a model out of its file's text.
 * @param where the file, for messages
 * @throws {ModelError} one error with every wrong field
 */
export function parseModel(text: string, where: string): Model {
  const result = schema.safeParse(parseJson(text, where));
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => `  ${path.join(".") || "(model)"}: ${message}`,
  );
  throw new ModelError(`the model ${where} is wrong:\n${problems.join("\n")}`);
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ModelError(`the model ${where} is no JSON: ${error instanceof Error ? error.message : error}`);
  }
}

/** The text of a model's file. */
export function formatModel(model: Model): string {
  return `${JSON.stringify(schema.parse(model), undefined, 2)}\n`;
}
