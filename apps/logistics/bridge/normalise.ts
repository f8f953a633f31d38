import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { PoisonError } from "../../common/kafka-message.ts";
import type { MqttMessage } from "../../common/mqtt.ts";
import type { Fields, RawDocument, Reading } from "../contract.ts";
import { parseTime } from "../time.ts";

/** Why messages are refused: too large, no JSON, not of the form of one, a value that is no number, a wrong clock. */
export const refusals = ["size", "json", "schema", "value", "clock"] as const;
export type Refusal = (typeof refusals)[number];

/** Thrown for a message that no reading can be made of; its message is the reason. */
export class RefusedError extends PoisonError {
  readonly refusal: Refusal;

  constructor(refusal: Refusal, reason: string) {
    super(reason);
    this.name = "RefusedError";
    this.refusal = refusal;
  }
}

export interface Rules {
  readonly fields: Fields;
  readonly nowMs: number;
  /** How old a reading may be. */
  readonly lateMs: number;
  readonly aheadMs: number;
}

/** Larger messages are no readings, bytes. */
const maxBytes = 64 * 1024;
const most = { sensor: 200, id: 400 };

/**
 * What becomes of a message: a reading, and the message itself, under one id. A message without an id has one made of
 * its topic and payload, so that it is the same when it comes again.
 * @throws {RefusedError} when it is none
 */
export function normalise({ topic, payload }: MqttMessage, rules: Rules) {
  const text = textOf(payload);
  const { fields } = rules;
  const object = objectOf(text);
  const sensor = name("sensor", object[fields.sensor] ?? topic.split("/").at(-1));
  const id =
    object[fields.id] === undefined
      ? createHash("sha256").update(`${topic}\0${text}`).digest("hex").slice(0, 32)
      : name("id", object[fields.id]);
  const ts = timeOf(object[fields.ts], rules);
  const value = object[fields.value];
  if (typeof value !== "number" || !Number.isFinite(value))
    throw new RefusedError("value", `${fields.value}: is ${told(value)}, not a number`);
  const reading: Reading = { ts, sensor, value, id };
  const raw: Omit<RawDocument, "receivedAt"> = { _id: id, topic, payload: text };
  return { reading, raw };
}

function textOf(payload: Buffer): string {
  if (payload.length > maxBytes)
    throw new RefusedError("size", `${payload.length} bytes; a reading has ${maxBytes} at most`);
  if (!isUtf8(payload)) throw new RefusedError("json", "not JSON: not UTF-8");
  return payload.toString("utf8");
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RefusedError("json", `not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new RefusedError("schema", "is no JSON object");
  return { ...value };
}

function name(what: keyof typeof most, value: unknown): string {
  if (typeof value === "string" && value !== "" && value.length <= most[what]) return value;
  throw new RefusedError("schema", `${what}: is ${told(value)}, not a text of 1 to ${most[what]} characters`);
}

function timeOf(value: unknown, { fields, nowMs, lateMs, aheadMs }: Rules): string {
  const timeMs = typeof value === "string" || typeof value === "number" ? parseTime(value) : undefined;
  if (timeMs === undefined || Math.abs(timeMs) > 8.64e15)
    throw new RefusedError("schema", `${fields.ts}: is ${told(value)}, not a time`);
  const ts = new Date(timeMs).toISOString();
  const seconds = (ms: number) => `${Math.round(ms / 1000)} s`;
  if (timeMs - nowMs > aheadMs)
    throw new RefusedError("clock", `${ts} is ${seconds(timeMs - nowMs)} ahead of now`);
  if (nowMs - timeMs > lateMs) throw new RefusedError("clock", `${ts} is ${seconds(nowMs - timeMs)} ago`);
  return ts;
}

/** A value as a reason quotes it. */
function told(value: unknown): string {
  if (value === undefined) return "missing";
  return JSON.stringify(value).slice(0, 60);
}
