import type { z } from "zod";
import { checkInputs } from "../../../../lib/provider/check.ts";
import type { Checked } from "../../../../lib/provider/server.ts";

/**
 * Checks inputs against a strict schema. A property that the stand-in does not cover fails by its name, so that a
 * program that passes here cannot silently differ under the official provider.
 */
export function checkCovered<I>(schema: z.ZodType<I>, news: unknown): Checked<I> {
  return checkInputs(
    schema,
    news,
    (property) => `${property} is not covered by the docker stand-in (scripts/toolchain/standins/docker)`,
  );
}
