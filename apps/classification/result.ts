import { z } from "zod";
import { count, parseJson, text, validated, whole } from "../common/validated.ts";
import type { ImageResult } from "./contract.ts";

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
  return validated("result", resultSchema, parseJson(value));
}
