import { Random } from "../../apps/common/random.ts";

/** One window to be measured. */
export interface Turn {
  readonly producers: number;
  /** From 1. */
  readonly repeat: number;
}

/**
 * Every producer count `repeats` times, in random order, so that what drifts while the run goes on (temperature,
 * page cache, other load) does not pass for an effect of the count.
 */
export function randomOrder(counts: readonly number[], repeats: number, seed: number): Turn[] {
  const turns = counts.flatMap((producers) =>
    Array.from({ length: repeats }, (_, index) => ({ producers, repeat: index + 1 })),
  );
  return new Random(seed).shuffle(turns);
}
