import type { Model } from "../model/model.ts";

export interface DueOptions {
  /** The sensor's own model, and the one for sensors that have none. */
  readonly own: Model | undefined;
  readonly shared: Model | undefined;
  readonly nowMs: number;
  /** Time of the sensor's latest reading, ms since the epoch. */
  readonly latestMs: number;
  /** A model is good for so long, ms. */
  readonly goodForMs: number;
}

/**
 * Why a sensor needs a model fitted, or undefined when it needs none. A model that is not marked for it is never
 * replaced, neither by another nor, where it is for every sensor, by the sensors' own.
 */
export function dueReason({ own, shared, nowMs, latestMs, goodForMs }: DueOptions): string | undefined {
  if (own === undefined) return shared?.card.refit === false ? undefined : "it has none of its own";
  if (!own.card.refit) return undefined;
  // A clock that was set back must not keep a model for ever.
  if (Math.abs(nowMs - Date.parse(own.card.fittedAt)) >= goodForMs) return "it is old";
  const { start, span } = own.scale;
  // Readings may come faster than time passes. As far ahead as it looks back, a model knows nothing.
  if ((latestMs / 1000 - start) / span >= 2) return "readings are beyond what it can foresee";
  return undefined;
}
