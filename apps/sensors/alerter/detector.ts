import { type SensorType, sensorRanges } from "../contract.ts";
import { SlidingWindow } from "./sliding.ts";

/** What a detector says of a reading. */
export interface Verdict {
  readonly anomalous: boolean;
  /** How far it is from what was expected, in robust standard deviations; of motion 0 or Infinity. */
  readonly score: number;
}

/** Judges the readings of one type of one device, each by those before it. */
export interface Detector {
  /** @returns undefined while too little is known to judge by */
  judge(value: number): Verdict | undefined;
}

/** @param threshold robust standard deviations beyond which a reading is anomalous */
export function createDetector(type: SensorType, threshold: number): Detector {
  return type === "motion" ? new FlipDetector() : new OutlierDetector(type, threshold);
}

/** Readings that tell where the signal is now. */
const levelSize = 9;
/** Readings that tell how far it usually is from there. */
const spreadSize = 64;
const leastSpread = 20;
/** The standard deviation of a normal distribution by its median absolute deviation. */
const sigmaOfMad = 1.4826;

/**
 * Robust z-score of what a reading differs by from the median of the few before it (a Hampel filter): slow changes such
 * as a day's course cancel out, and neither median nor median absolute deviation is moved by the anomalies themselves,
 * as long as they are fewer than half of the readings.
 */
class OutlierDetector implements Detector {
  readonly #threshold: number;
  readonly #scale: (value: number) => number;
  readonly #leastSigma: number;
  readonly #level = new SlidingWindow(levelSize);
  readonly #differences = new SlidingWindow(spreadSize);

  constructor(type: SensorType, threshold: number) {
    this.#threshold = threshold;
    // Light is many thousands by day and a few lux at night: what counts is by what part it changes.
    this.#scale = type === "light" ? Math.log1p : (value) => value;
    // A signal that does not change at all has no spread; one step of its sensor is no anomaly.
    this.#leastSigma = sensorRanges[type].step;
  }

  judge(value: number): Verdict | undefined {
    const scaled = this.#scale(value);
    const difference = this.#level.count === 0 ? 0 : scaled - this.#level.median();
    const verdict = this.#differences.count < leastSpread ? undefined : this.#verdict(difference);
    this.#level.push(scaled);
    this.#differences.push(difference);
    return verdict;
  }

  #verdict(difference: number): Verdict {
    const sigma = Math.max(this.#leastSigma, sigmaOfMad * this.#differences.mad());
    const score = Math.abs(difference - this.#differences.median()) / sigma;
    return { anomalous: score > this.#threshold, score };
  }
}

/** Readings after which it is known how often motion begins and ends. */
const leastReadings = 20;
/** What one reading counts among those before it. */
const weight = 1 / 64;
/** Where motion begins or ends more often than this, a single reading that differs says nothing. */
const mostChanges = 0.1;

/**
 * Motion lasts: where it seldom begins and ends, a single reading that differs from those around it is likely wrong.
 * The first reading that differs is taken for that, a second one for a change.
 */
class FlipDetector implements Detector {
  #seen = 0;
  #state: number | undefined;
  #doubted = false;
  #changes = 0;

  judge(value: number): Verdict | undefined {
    this.#seen += 1;
    this.#state ??= value;
    const differs = value !== this.#state;
    const changed = differs && this.#doubted;
    if (changed) this.#state = value;
    this.#doubted = differs && !changed;
    this.#changes += weight * ((changed ? 1 : 0) - this.#changes);
    if (this.#seen <= leastReadings) return undefined;
    const anomalous = this.#doubted && this.#changes < mostChanges;
    return { anomalous, score: anomalous ? Number.POSITIVE_INFINITY : 0 };
  }
}
