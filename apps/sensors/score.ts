/** What a detector made of a reading whose truth is known: an anomaly found, a false alarm, an anomaly missed, the rest. */
export const outcomes = ["hit", "false_alarm", "miss", "rest"] as const;
export type Outcome = (typeof outcomes)[number];

export function outcomeOf(found: boolean, truth: boolean): Outcome {
  if (found) return truth ? "hit" : "false_alarm";
  return truth ? "miss" : "rest";
}

/** How many readings had each outcome. */
export type Outcomes = Readonly<Record<Outcome, number>>;

export interface Scores {
  /** Of what was found, how much is an anomaly; NaN when nothing was found. */
  readonly precision: number;
  /** Of the anomalies, how many were found; NaN when there was none. */
  readonly recall: number;
  /** Harmonic mean of both. */
  readonly f1: number;
}

export function scoresOf({ hit, false_alarm: falseAlarms, miss }: Outcomes): Scores {
  return {
    precision: hit / (hit + falseAlarms),
    recall: hit / (hit + miss),
    f1: (2 * hit) / (2 * hit + falseAlarms + miss),
  };
}
