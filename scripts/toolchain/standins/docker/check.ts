import type { z } from "zod";
import { checkInputs } from "../../../../lib/provider/check.ts";
import type { Checked } from "../../../../lib/provider/server.ts";

/**
 * Inputs as a program gave them: without the defaults that the official provider has added to inputs in the state
 * (listed under `__defaults`, at every level), which this one does not.
 */
export function asGiven<T extends object>(inputs: T): T {
  return stripped(inputs) as T;
}

function stripped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripped);
  if (!isRecord(value)) return value;
  const { __defaults: added, ...given } = value;
  const names = new Set(Array.isArray(added) ? added : []);
  return Object.fromEntries(
    Object.entries(given)
      .filter(([name]) => !names.has(name))
      .map(([name, each]) => [name, stripped(each)]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/**
 * Checks inputs against a strict schema. A property that the stand-in does not cover fails by its name, so that no
 * program uses unnoticed what only the official provider does. How the two compare in what is covered is in
 * CONFORMANCE.md, and held by `./scripts/test --official`.
 */
export function checkCovered<I>(schema: z.ZodType<I>, news: unknown): Checked<I> {
  return checkInputs(
    schema,
    news,
    (property) => `${property} is not covered by the docker stand-in (scripts/toolchain/standins/docker)`,
  );
}
