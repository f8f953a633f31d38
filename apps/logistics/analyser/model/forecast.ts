import type { Model, Seasonality } from "./model.ts";
import { spreadAt } from "./simulate.ts";

/** What a model says of one moment. */
export interface Forecast {
  readonly yhat: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * What a model expects at a time, with the interval that its share of observations is to lie in. It depends on the model
 * and the time alone: asked again, the answer is the same. yhat = trend × (1 + multiplicative seasonalities) + additive
 * ones (Taylor and Letham 2018, equation 1).
 * @param timeMs since the epoch
 */
export function forecastAt(model: Model, timeMs: number): Forecast {
  const { time, middle, factor } = scaledAt(model, timeMs);
  const [below, above] = spreadAt(model, time, factor);
  const at = (scaled: number) => restored(model.scale, scaled);
  return { yhat: at(middle), lower: at(middle + below), upper: at(middle + above) };
}

/** The same without the interval, which takes far longer. */
export function expectedAt(model: Model, timeMs: number): number {
  return restored(model.scale, scaledAt(model, timeMs).middle);
}

function scaledAt(model: Model, timeMs: number) {
  const { start, span } = model.scale;
  const seconds = timeMs / 1000;
  const time = (seconds - start) / span;
  const factor = 1 + seasonal(model, "multiplicative", seconds);
  const middle = trendAt(model, time) * factor + seasonal(model, "additive", seconds);
  return { time, middle, factor };
}

/** The value that was scaled. Whatever grows with it keeps its order, so that quantiles go with it. */
function restored({ value, transform }: Model["scale"], scaled: number): number {
  return transform === "log1p" ? Math.expm1(scaled * value) : scaled * value;
}

/** The trend at a scaled time: the rate grows by each change from its changepoint on, without a jump. */
function trendAt({ trend }: Model, time: number): number {
  const { growth, rate, offset, changepoints } = trend;
  if (growth === "flat") return offset;
  return changepoints.reduce(
    (value, { at, change }) => (time < at ? value : value + change * (time - at)),
    offset + rate * time,
  );
}

function seasonal(model: Model, mode: Seasonality["mode"], seconds: number): number {
  return model.seasonalities
    .filter((one) => one.mode === mode)
    .reduce((sum, one) => sum + seasonalityAt(one, seconds), 0);
}

function seasonalityAt({ periodSeconds, terms }: Seasonality, seconds: number): number {
  return terms.reduce((sum, [sine, cosine], index) => {
    const angle = harmonicAngle(periodSeconds, index, seconds);
    return sum + sine * Math.sin(angle) + cosine * Math.cos(angle);
  }, 0);
}

/** Angle of a period's harmonic, counted from 0, at a time in seconds since the epoch. */
export function harmonicAngle(periodSeconds: number, index: number, seconds: number): number {
  return (2 * Math.PI * (index + 1) * seconds) / periodSeconds;
}
