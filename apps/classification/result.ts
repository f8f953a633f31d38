import { z } from "zod";
import { PoisonError } from "../common/kafka-message.ts";
import type { ImageResult } from "./contract.ts";

/** Bytes of a text in UTF-8. Ids are keys of indexes, whose entries PostgreSQL bounds by 2704 bytes. */
const maxTextBytes = 1000;

/** Text as PostgreSQL can store and index it: bounded, and without the character U+0000. */
export const text = z
  .string()
  .refine((value) => Buffer.byteLength(value) <= maxTextBytes, `has more than ${maxTextBytes} bytes`)
  .refine((value) => !value.includes("\0"), "has a NUL character");
/** A number of things that fits PostgreSQL's `integer`. */
export const count = z.number().int().min(0).max(2_147_483_647);
/** µs since the epoch, or a sequence number. */
export const whole = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const resultSchema: z.ZodType<ImageResult> = z.object({
  id: text.min(1),
  producer: text,
  device: count,
  seq: whole,
  label: text.nullable(),
  model: text,
  top: z
    .array(z.object({ label: text, score: z.number() }))
    .min(1)
    .max(100),
  scheduledUs: whole,
  sentUs: whole,
  pickedUs: whole,
  inferenceMs: z.number().min(0),
  batch: count,
});

/**
 * Reads the value of a message on `image-results`.
 * @throws {PoisonError} when it is no {@link ImageResult} in JSON; the reason names what is wrong
 */
export function parseResult(value: Buffer | undefined): ImageResult {
  let json: unknown;
  try {
    json = JSON.parse(value?.toString("utf8") ?? "");
  } catch (error) {
    throw new PoisonError(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return validated("result", resultSchema, json);
}

/** @throws {PoisonError} when the value does not fit the schema; the reason begins with `what` */
export function validated<T>(what: string, schema: z.ZodType<T>, value: unknown): T {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const problems = error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join(".")}: ${message}`,
  );
  throw new PoisonError(`${what}: ${problems.join("; ")}`);
}
