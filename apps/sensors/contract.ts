import { z } from "zod";
import { messageOverheadBytes, type TopicDefinition } from "../common/topics.ts";

const MiB = 1024 * 1024;
const hourMs = 3_600_000;

/** What config may change about the pipeline's topics; what is left out has the defaults of the definitions below. */
export interface TopicSizes {
  readonly partitions?: number;
  readonly retentionMs?: number;
  /** Bytes of one partition of the readings; alerts are fewer and get a quarter. */
  readonly retentionBytes?: number;
}

export const topicNames = { readings: "iot-sensor-data", alerts: "iot-alerts" } as const;

/** Group of the alerters, which share the readings. */
export const alerterGroup = "iot-data-consumer";
/** Group of the store; that of alerts is named with `-alerts` after it. */
export const storeGroup = "iot-data-store";

/** Largest request of the pipeline's own producers, bytes; a whole one can end in one batch. */
export const maxRequestBytes = 512 * 1024;

/** The topics of the pipeline; each has a dead-letter topic beside it. */
export function sensorTopics(sizes: TopicSizes = {}): readonly TopicDefinition[] {
  const { partitions = 6, retentionMs = 24 * hourMs, retentionBytes = 64 * MiB } = sizes;
  const common = { partitions, retentionMs, maxMessageBytes: maxRequestBytes + messageOverheadBytes };
  return [
    /** Readings of simulated and real devices; simulated ones have the header {@link anomalyHeader}. */
    {
      ...common,
      name: topicNames.readings,
      key: "device, UTF-8, so that a device's readings stay in order",
      value: "Reading as JSON",
      retentionBytes,
    },
    {
      ...common,
      name: topicNames.alerts,
      key: "device, UTF-8",
      value: "Alert as JSON",
      retentionBytes: Math.floor(retentionBytes / 4),
    },
  ];
}

export const sensorTypes = ["temperature", "humidity", "pressure", "motion", "light"] as const;
export type SensorType = (typeof sensorTypes)[number];

/** What a type measures: its unit, what its sensors can show at all, and the step in which simulated ones do. */
export interface SensorRange {
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/** Motion is true or false; as a number it is 1 or 0. */
export const sensorRanges: Readonly<Record<SensorType, SensorRange>> = {
  temperature: { unit: "°C", min: -90, max: 100, step: 0.01 },
  humidity: { unit: "%", min: 0, max: 100, step: 0.01 },
  pressure: { unit: "hPa", min: 300, max: 1100, step: 0.01 },
  motion: { unit: "", min: 0, max: 1, step: 1 },
  light: { unit: "lux", min: 0, max: 200_000, step: 0.01 },
};

/** A message on `iot-sensor-data`. A device has at most one reading of a type at any time. */
export interface Reading {
  readonly device: string;
  readonly type: SensorType;
  /** In the type's unit; of motion whether something moves. */
  readonly value: number | boolean;
  /** When left out, the type's own; no other is taken. */
  readonly unit?: string | undefined;
  /** ISO 8601 with a time zone, by the device's clock. */
  readonly time: string;
}

/**
 * Header of a simulated reading: the kind of anomaly that was put into it, or `none`. It serves to score detection and
 * is read for nothing else; real devices have none.
 */
export const anomalyHeader = "anomaly";
export const anomalyKinds = ["spike", "extreme", "flip"] as const;
export type AnomalyKind = (typeof anomalyKinds)[number];
export const noAnomaly = "none";

/** What is watched; `anomaly` is what the statistical detector finds, whatever the type. */
export const alertKinds = [
  "extreme-temperature",
  "high-humidity",
  "low-pressure",
  "motion",
  "low-light",
  "anomaly",
] as const;
export type AlertKind = (typeof alertKinds)[number];

/** A message on `iot-alerts`: an alert begins, or it is over. Both have the same id. */
export interface Alert {
  /** `<kind>/<device>/<since>`: the same when the readings come again. */
  readonly id: string;
  readonly kind: AlertKind;
  readonly state: "raised" | "cleared";
  readonly device: string;
  readonly type: SensorType;
  /** Of the reading that raised or cleared it. */
  readonly value: number;
  /** Time of that reading, ISO 8601. */
  readonly time: string;
  /** Time of the reading that raised it, ISO 8601. */
  readonly since: string;
  /** For people: `41.2 °C is above 35 °C`. */
  readonly detail: string;
}

const finite = z.number("must be a number");
const holdSeconds = finite.min(0, "must be at least 0").optional();
/** How far back behind its threshold a value must be for the alert to be over, in the type's unit. */
const margin = finite.min(0, "must be at least 0").optional();

/**
 * What the thresholds may be set to; what is left out has the default. An alert is over when its values have been back,
 * by the margin, for `holdSeconds`.
 */
export const thresholdsSchema = z.strictObject({
  "extreme-temperature": z
    .strictObject({ below: finite.optional(), above: finite.optional(), margin, holdSeconds })
    .optional(),
  "high-humidity": z.strictObject({ above: finite.optional(), margin, holdSeconds }).optional(),
  "low-pressure": z.strictObject({ below: finite.optional(), margin, holdSeconds }).optional(),
  "low-light": z.strictObject({ below: finite.optional(), margin, holdSeconds }).optional(),
  motion: z.strictObject({ holdSeconds }).optional(),
  /** `score`: robust standard deviations from what was expected. */
  anomaly: z.strictObject({ score: finite.min(1, "must be at least 1").optional(), holdSeconds }).optional(),
});
export type Thresholds = z.output<typeof thresholdsSchema>;
