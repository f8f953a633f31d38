import type { z } from "zod";
import type { Checked, Failure } from "./server.ts";
import { at, UNKNOWN } from "./values.ts";

/**
 * Checks a resource's inputs against a strict schema, so that a property nobody knows fails by its name. What is not
 * known yet (in a preview) passes; it is checked when it is known.
 *
 * @param unfamiliar the reason given for a property that the schema does not have, from its path
 */
export function checkInputs<I>(
  schema: z.ZodType<I>,
  news: unknown,
  unfamiliar: (property: string) => string = (property) => `there is no property ${property}`,
): Checked<I> {
  const parsed = schema.safeParse(news);
  const issues = parsed.success ? [] : parsed.error.issues;
  return {
    // Without failures the inputs are of the schema's type, save for UNKNOWN, which no operation ever sees.
    inputs: news as I,
    failures: issues
      .filter(({ path }) => !isUnknown(news, path))
      .flatMap((issue) => failuresOf(issue, unfamiliar)),
  };
}

function isUnknown(news: unknown, path: readonly PropertyKey[]): boolean {
  return path.some((_step, index) => at(news, path.slice(0, index + 1).filter(isStep)) === UNKNOWN);
}

function isStep(step: PropertyKey): step is string | number {
  return typeof step !== "symbol";
}

function failuresOf(issue: z.core.$ZodIssue, unfamiliar: (property: string) => string): Failure[] {
  if (issue.code !== "unrecognized_keys") {
    return [{ property: issue.path.join("."), reason: issue.message }];
  }
  return issue.keys.map((key) => {
    const property = [...issue.path, key].join(".");
    return { property, reason: unfamiliar(property) };
  });
}
