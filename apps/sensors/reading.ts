import { z } from "zod";
import { PoisonError } from "../common/kafka-message.ts";
import { parseJson, text, validated } from "../common/validated.ts";
import { type Reading, type SensorType, sensorRanges, sensorTypes } from "./contract.ts";

/** Why readings are refused: too large, no JSON, not of the form of one, a value no sensor has, a clock that is wrong. */
export const refusals = ["size", "json", "schema", "range", "clock"] as const;
export type Refusal = (typeof refusals)[number];

/** Thrown for a message that is no reading; the message is the reason. */
export class RefusedError extends PoisonError {
  readonly refusal: Refusal;

  constructor(refusal: Refusal, reason: string) {
    super(reason);
    this.name = "RefusedError";
    this.refusal = refusal;
  }
}

/** A reading that was checked. */
export interface CheckedReading {
  readonly device: string;
  readonly type: SensorType;
  /** In the type's unit; of motion 1 or 0. */
  readonly value: number;
  /** ms since the epoch, by the device's clock. */
  readonly timeMs: number;
}

/** How far a device's clock may be from this one's, ms. */
export interface ClockLimits {
  readonly nowMs: number;
  /** How old a reading may be: devices may gather readings while they have no network. */
  readonly lateMs: number;
  readonly aheadMs: number;
}

/** Larger messages are no readings, bytes. */
const maxBytes = 4096;

const form = z.object({
  device: text.min(1, "is empty").max(200, "has more than 200 characters"),
  type: z.enum(sensorTypes),
  value: z.union([z.number(), z.boolean()], "is neither a number nor true or false"),
  unit: z.string().optional(),
  time: z.iso.datetime({ offset: true, error: "is no time in ISO 8601 with a time zone" }),
});

/**
 * Reads the value of a message on `iot-sensor-data`, whoever sent it. What it does not know is passed over.
 * @throws {RefusedError} when it is no {@link Reading}, or one that no working device sends
 */
export function parseReading(value: Buffer | undefined, clock: ClockLimits): CheckedReading {
  const bytes = value?.length ?? 0;
  if (bytes > maxBytes) throw new RefusedError("size", `${bytes} bytes; a reading has ${maxBytes} at most`);
  const json = refusedAs("json", () => parseJson(value));
  const reading = refusedAs("schema", () => validated("reading", form, json));
  const timeMs = Date.parse(reading.time);
  checkClock(timeMs, reading.time, clock);
  return { device: reading.device, type: reading.type, value: numberOf(reading), timeMs };
}

function numberOf({ type, value, unit }: Reading): number {
  const { unit: own, min, max } = sensorRanges[type];
  if ((typeof value === "boolean") !== (type === "motion"))
    throw new RefusedError("schema", `reading: value: of ${type} is a ${typeof value}`);
  if (unit !== undefined && unit !== own)
    throw new RefusedError("schema", `reading: unit: of ${type} is not ${own === "" ? "left out" : own}`);
  const number = Number(value);
  if (number < min || number > max)
    throw new RefusedError("range", `${number} ${own}: ${type} is from ${min} to ${max} ${own}`);
  return number;
}

function checkClock(timeMs: number, time: string, { nowMs, lateMs, aheadMs }: ClockLimits): void {
  const aheadOfNowMs = timeMs - nowMs;
  if (aheadOfNowMs > aheadMs)
    throw new RefusedError("clock", `time ${time} is ${seconds(aheadOfNowMs)} ahead of now`);
  if (-aheadOfNowMs > lateMs)
    throw new RefusedError("clock", `time ${time} is ${seconds(-aheadOfNowMs)} ago`);
}

const seconds = (ms: number) => `${Math.round(ms / 1000)} s`;

function refusedAs<T>(refusal: Refusal, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof PoisonError ? new RefusedError(refusal, error.message) : error;
  }
}
