import type { AlertKind, SensorType, Thresholds } from "../contract.ts";

/** When an alert begins and when it is over. */
export interface Limit {
  readonly kind: AlertKind;
  /** It begins with a value below this or above the other. */
  readonly below: number;
  readonly above: number;
  /** How far back behind these a value counts as calm. */
  readonly margin: number;
  /** How long values must be calm, ms. */
  readonly holdMs: number;
}

/** What is watched of each type, and of what the detector says. */
export interface Limits {
  readonly ofType: Readonly<Record<SensorType, Limit>>;
  /** Of scores. */
  readonly anomaly: Limit;
}

const never = { below: Number.NEGATIVE_INFINITY, above: Number.POSITIVE_INFINITY, margin: 0 };
/** An anomaly is one reading; what follows at once belongs to it. */
const defaultHoldSeconds = 10;

/** The limits with these thresholds, and the defaults for all that they leave out. */
export function limitsOf(thresholds: Thresholds): Limits {
  const { anomaly, motion } = thresholds;
  const temperature = { below: 0, above: 35, margin: 1, ...set(thresholds["extreme-temperature"]) };
  const humidity = { above: 90, margin: 2, ...set(thresholds["high-humidity"]) };
  const pressure = { below: 980, margin: 2, ...set(thresholds["low-pressure"]) };
  const light = { below: 10, margin: 5, ...set(thresholds["low-light"]) };
  return {
    ofType: {
      temperature: limit("extreme-temperature", temperature),
      humidity: limit("high-humidity", humidity),
      pressure: limit("low-pressure", pressure),
      light: limit("low-light", light),
      motion: limit("motion", { above: 0, holdSeconds: 30, ...set(motion) }),
    },
    anomaly: limit("anomaly", { above: anomaly?.score ?? 4, ...set({ holdSeconds: anomaly?.holdSeconds }) }),
  };
}

type Given = Partial<Record<"below" | "above" | "margin" | "holdSeconds", number>>;

function limit(kind: AlertKind, { holdSeconds = defaultHoldSeconds, ...given }: Given): Limit {
  return { ...never, ...given, kind, holdMs: holdSeconds * 1000 };
}

/** What is there of these. */
function set(given: { readonly [K in keyof Given]?: number | undefined } = {}): Given {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

export type Level = "breach" | "calm" | "between";

/** Where a value is; between the threshold and its margin it neither begins an alert nor ends one. */
export function levelOf({ below, above, margin }: Limit, value: number): Level {
  if (value < below || value > above) return "breach";
  return value >= below + margin && value <= above - margin ? "calm" : "between";
}

/** An alert begins or ends. */
export interface Change {
  readonly state: "raised" | "cleared";
  /** Time of the reading that raised it, ms. */
  readonly sinceMs: number;
}

/**
 * One alert of one device. It is raised once, however long the values stay beyond the threshold or go back and forth
 * about it, and cleared when they have been calm for long enough.
 */
export class Hysteresis {
  readonly #holdMs: number;
  #sinceMs: number | undefined;
  #calmSinceMs: number | undefined;

  constructor({ holdMs }: Pick<Limit, "holdMs">) {
    this.#holdMs = holdMs;
  }

  get isRaised(): boolean {
    return this.#sinceMs !== undefined;
  }

  /** @param atMs times never fall */
  step(level: Level, atMs: number): Change | undefined {
    if (this.#sinceMs === undefined) {
      if (level !== "breach") return undefined;
      this.#sinceMs = atMs;
      return { state: "raised", sinceMs: atMs };
    }
    if (level !== "calm") {
      this.#calmSinceMs = undefined;
      return undefined;
    }
    this.#calmSinceMs ??= atMs;
    if (atMs - this.#calmSinceMs < this.#holdMs) return undefined;
    const cleared = { state: "cleared", sinceMs: this.#sinceMs } as const;
    this.#sinceMs = undefined;
    this.#calmSinceMs = undefined;
    return cleared;
  }
}
