import type { z } from "zod";
import type { Variable } from "../../common/env-kinds.ts";

/**
 * A variable that holds JSON of one shape. All that is wrong with it is told at once, one line a problem. The text
 * itself is never shown, since it may hold addresses with passwords.
 *
 * @param expected completes the sentence "expected …"
 */
export function json<S extends z.ZodType>(
  schema: S,
  expected: string,
): Variable<z.output<S>, z.input<S>, true> {
  const check = (value: unknown): z.output<S> => {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    throw new Error(
      `it has ${result.error.issues.length} problem(s):${describe(result.error.issues, value)}\n   `,
    );
  };
  return {
    expected,
    fallback: undefined,
    hidden: true,
    parse: (text) => check(parseJson(text)),
    // What is written is what was given: the defaults are the reader's.
    format: (value) => {
      check(value);
      return JSON.stringify(value);
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    throw new Error(text.trim() === "" ? "is empty" : "is not JSON");
  }
}

function describe(issues: readonly z.core.$ZodIssue[], value: unknown): string {
  return issues.map(({ path, message }) => `\n    - ${place(path, value)}: ${message}`).join("");
}

/** Path of a problem as one writes it in JavaScript, with the name of the item it is in: `[1].fps (gate)`. */
function place(path: readonly PropertyKey[], value: unknown): string {
  if (path.length === 0) return "as a whole";
  const text = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  const name = nameOf(value, path[0]);
  return name === undefined ? text : `${text} (${name})`;
}

function nameOf(value: unknown, index: PropertyKey | undefined): string | undefined {
  const item: unknown = Array.isArray(value) && typeof index === "number" ? value[index] : undefined;
  if (typeof item !== "object" || item === null || !("name" in item)) return undefined;
  return typeof item.name === "string" ? item.name.slice(0, 63) : undefined;
}
