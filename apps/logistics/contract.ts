import { z } from "zod";
import { messageOverheadBytes, type TopicDefinition } from "../common/topics.ts";

const MiB = 1024 * 1024;
const hourMs = 3_600_000;

/** What config may change about the pipeline's topics; what is left out has the defaults of the definitions below. */
export interface TopicSizes {
  /** Name of the readings topic, in Kafka and at the start of the MQTT topics. */
  readonly readings?: string;
  readonly partitions?: number;
  readonly retentionMs?: number;
  /** Bytes of one partition of the readings; results are kept alike. */
  readonly retentionBytes?: number;
}

export const topicNames = { readings: "Image", results: "analytics_results" } as const;

/** Group of the analysers, which share the readings. */
export const analyserGroup = "logistics-analyser";

/** Largest request of the pipeline's own producers, bytes; a whole one can end in one batch. */
export const maxRequestBytes = 512 * 1024;

/** The topics of the pipeline; each has a dead-letter topic beside it. */
export function logisticsTopics(sizes: TopicSizes = {}): readonly TopicDefinition[] {
  const { readings = topicNames.readings, partitions = 3 } = sizes;
  const { retentionMs = 24 * hourMs, retentionBytes = 64 * MiB } = sizes;
  const common = {
    partitions,
    retentionMs,
    retentionBytes,
    maxMessageBytes: maxRequestBytes + messageOverheadBytes,
  };
  return [
    {
      ...common,
      name: readings,
      key: "sensor, UTF-8, so that a sensor's readings stay in order",
      value: "Reading as JSON",
    },
    {
      ...common,
      name: topicNames.results,
      key: "sensor, UTF-8",
      value: "Forecast as JSON",
    },
  ];
}

/** A message on the readings topic. */
export interface Reading {
  /** ISO 8601 in UTC, such as `2026-05-04T09:05:00.000Z`, by the sensor's clock. */
  readonly ts: string;
  readonly sensor: string;
  readonly value: number;
  /** The same when the reading comes again, and no other reading has it. */
  readonly id: string;
}

/** What reads the topic takes; what it does not know is passed over. */
export const readingSchema = z.object({
  ts: z.iso.datetime({ offset: true, error: "is no time in ISO 8601 with a time zone" }),
  sensor: z.string().min(1).max(200),
  value: z.number(),
  id: z.string().min(1).max(400),
});

/** A message on `analytics_results`: the members in this order, times in ISO 8601. */
export interface Forecast {
  /** The time that it is of: that of a reading. */
  readonly ds: string;
  readonly yhat: number;
  readonly yhat_lower: number;
  readonly yhat_upper: number;
  readonly sensor: string;
}

/**
 * MQTT topics are `<topic>/<lane>/<sensor>`: the messages of a lane are handled one after the other, and a lane belongs
 * to one bridge at a time, so that a sensor, which stays on its lane, keeps its order however many bridges there are.
 */
export const laneCount = 8;

/** The lane of the lab's own sensors (FNV-1a); other devices may take any, always the same one. */
export function laneOf(sensor: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(sensor)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % laneCount;
}

export function mqttTopic(topic: string, sensor: string): string {
  return `${topic}/${laneOf(sensor)}/${sensor}`;
}

/** What a bridge subscribes to for one of its lanes. */
export function laneFilter(topic: string, lane: number): string {
  return `${topic}/${lane}/+`;
}

/** The lanes of one of several bridges. @param bridge its number, from 1 */
export function lanesOf(bridge: number, bridges: number): readonly number[] {
  return Array.from({ length: laneCount }, (_, lane) => lane).filter(
    (lane) => lane % bridges === (bridge - 1) % bridges,
  );
}

/** Members of an MQTT payload that a reading is made of; where it names no sensor, the last level of its topic does. */
export const fieldsSchema = z.strictObject({
  ts: z.string().min(1).default("ts"),
  sensor: z.string().min(1).default("sensor"),
  value: z.string().min(1).default("players"),
  id: z.string().min(1).default("id"),
});
export type Fields = z.output<typeof fieldsSchema>;

/** Collections of the document store. */
export const collections = {
  readings: "readings",
  raw: "raw",
  forecasts: "forecasts",
} as const;

/** A document of `readings`: `_id` is the reading's id, so that one that comes again is there once. */
export interface ReadingDocument {
  readonly _id: string;
  readonly ts: Date;
  readonly sensor: string;
  readonly value: number;
  readonly receivedAt: Date;
}

/** A document of `raw`: what came over MQTT, byte for byte; its `_id` is that of the reading that became of it. */
export interface RawDocument {
  readonly _id: string;
  readonly topic: string;
  readonly payload: string;
  readonly receivedAt: Date;
}

/** Whether the times of a CSV file are moved to end now, or taken as they are. */
export const timings = ["shifted", "file"] as const;
export type Timing = (typeof timings)[number];
