import { type Alert, type AlertKind, sensorRanges } from "../contract.ts";
import type { CheckedReading } from "../reading.ts";
import { createDetector, type Detector, type Verdict } from "./detector.ts";
import { type Change, Hysteresis, type Limit, type Limits, levelOf } from "./limits.ts";

/** What became of a reading. */
export interface Watched {
  readonly alerts: readonly Alert[];
  /** Undefined while too little is known of the device. */
  readonly verdict: Verdict | undefined;
}

/** What one reading counts in the mean of the times between two. */
const intervalWeight = 1 / 16;
/** After a silence of so many readings nothing is known any more of what comes next. */
const longSilence = 64;

/** What is known of one type's readings of one device. */
export class Device {
  readonly #limits: Limits;
  readonly #limit: Hysteresis;
  readonly #anomaly: Hysteresis;
  #detector: Detector | undefined;
  #lastMs: number | undefined;
  #intervalMs: number | undefined;

  constructor(limits: Limits, type: CheckedReading["type"]) {
    this.#limits = limits;
    this.#limit = new Hysteresis(limits.ofType[type]);
    this.#anomaly = new Hysteresis(limits.anomaly);
  }

  /** Alerts that have begun and are not over. */
  get raised(): number {
    return Number(this.#limit.isRaised) + Number(this.#anomaly.isRaised);
  }

  /** Takes the next reading; undefined for one that is no later than the last, which says nothing new. */
  watch(reading: CheckedReading): Watched | undefined {
    const { timeMs, type, value } = reading;
    if (timeMs <= (this.#lastMs ?? Number.NEGATIVE_INFINITY)) return undefined;
    this.#keepTime(timeMs);
    this.#detector ??= createDetector(type, this.#limits.anomaly.above);
    const verdict = this.#detector.judge(value);
    const limit = this.#limits.ofType[type];
    const change = this.#limit.step(levelOf(limit, value), timeMs);
    const found =
      verdict === undefined
        ? undefined
        : this.#anomaly.step(levelOf(this.#limits.anomaly, verdict.score), timeMs);
    return {
      verdict,
      alerts: [
        ...(change === undefined ? [] : [alert(limit.kind, change, reading, detail(limit, reading))]),
        ...(found === undefined ? [] : [alert("anomaly", found, reading, detailOf(verdict))]),
      ],
    };
  }

  #keepTime(timeMs: number): void {
    if (this.#lastMs !== undefined) {
      const sinceMs = timeMs - this.#lastMs;
      if (sinceMs > longSilence * (this.#intervalMs ?? sinceMs)) this.#detector = undefined;
      else this.#intervalMs = mean(this.#intervalMs ?? sinceMs, sinceMs);
    }
    this.#lastMs = timeMs;
  }
}

const mean = (before: number, now: number) => before + intervalWeight * (now - before);

function alert(
  kind: AlertKind,
  { state, sinceMs }: Change,
  { device, type, value, timeMs }: CheckedReading,
  told: string,
): Alert {
  const since = new Date(sinceMs).toISOString();
  const time = new Date(timeMs).toISOString();
  return { id: `${kind}/${device}/${since}`, kind, state, device, type, value, time, since, detail: told };
}

function detail({ below, above }: Limit, { type, value }: CheckedReading): string {
  if (type === "motion") return value > above ? "something moves" : "nothing moves any more";
  const { unit } = sensorRanges[type];
  if (value < below) return `${value} ${unit} is below ${below} ${unit}`;
  return value > above ? `${value} ${unit} is above ${above} ${unit}` : `${value} ${unit} is in order`;
}

function detailOf(verdict: Verdict | undefined): string {
  if (verdict?.anomalous !== true) return "as expected";
  if (verdict.score === Number.POSITIVE_INFINITY) return "a change where there is seldom one";
  return `${verdict.score.toFixed(1)} robust standard deviations from what was expected`;
}
