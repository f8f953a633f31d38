import { z } from "zod";
import { PoisonError } from "./kafka-message.ts";

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

/**
 * The value of a message as JSON.
 * @throws {PoisonError} when it is none
 */
export function parseJson(value: Buffer | undefined): unknown {
  try {
    return JSON.parse(value?.toString("utf8") ?? "");
  } catch (error) {
    throw new PoisonError(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
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
