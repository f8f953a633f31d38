import { z } from "zod";
import { place, told } from "./text.ts";

/** How structured values are written as text. */
export interface Syntax {
  /** What the text says, or why it says nothing. The reason must not quote the text, which may hold secrets. */
  read(text: string): { readonly value: unknown } | { readonly problem: string };
  write(value: unknown): string;
}

const jsonSyntax: Syntax = {
  read(text) {
    try {
      return { value: JSON.parse(text) };
    } catch {
      // The parser's own message quotes the text.
      return { problem: text.trim() === "" ? "is empty" : "is not JSON" };
    }
  },
  write: JSON.stringify,
};

/**
 * Text that holds a value of one shape. All that is wrong with it is told at once.
 *
 * @param schema must take what it returns, so that a value that was read can be written
 */
export function structured<S extends z.ZodType>(schema: S, syntax: Syntax) {
  // What is given to be written may leave out what the schema has a default for.
  const shape = z.custom<z.output<S>>() as z.ZodCustom<z.output<S>, z.input<S>>;
  return z.codec(z.string(), shape, {
    decode: (text, payload): z.input<S> => {
      const read = syntax.read(text);
      if ("problem" in read) {
        payload.issues.push({ code: "custom", input: undefined, message: read.problem });
        return z.NEVER;
      }
      const result = schema.safeParse(read.value, inPlainWords);
      if (!result.success) payload.issues.push(...described(result.error, read.value));
      return result.success ? (result.data as z.input<S>) : z.NEVER;
    },
    // What is written is what was given: the defaults are the reader's.
    encode: (value, payload) => {
      const result = schema.safeParse(value, inPlainWords);
      if (!result.success) payload.issues.push(...described(result.error, value));
      return syntax.write(value);
    },
  });
}

/**
 * A value of one shape as JSON. The text is never shown, since it may hold addresses with passwords.
 *
 * @param expected completes "expected …" and "must be …"
 */
export function json<S extends z.ZodType>(schema: S, expected: string) {
  return told(structured(schema, jsonSyntax), { expected, hidden: true });
}

const nouns: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  object: "a map",
  record: "a map",
  string: "text",
};

/** What zod would say in its own words where a schema says nothing. */
const inPlainWords = {
  error: (issue: z.core.$ZodRawIssue) => {
    if (issue.code === "unrecognized_keys") return `has unknown fields: ${issue.keys?.join(", ")}`;
    if (issue.code !== "invalid_type") return undefined;
    if (issue.input === undefined) return "is missing";
    const noun = nouns[issue.expected];
    return noun === undefined ? undefined : `must be ${noun}`;
  },
};

/** Problems with the name of the item that they are in: `[1].fps (gate): must be at least 0.1`. */
function described(error: z.ZodError, value: unknown): z.core.$ZodRawIssue[] {
  return error.issues.map(({ path, message }) => {
    const name = nameOf(value, path[0]);
    const where = path.length === 0 ? "" : `${place(path)}${name === undefined ? "" : ` (${name})`}: `;
    return { code: "custom", input: undefined, message: `${where}${message}` };
  });
}

function nameOf(value: unknown, index: PropertyKey | undefined): string | undefined {
  const item: unknown = Array.isArray(value) && typeof index === "number" ? value[index] : undefined;
  if (typeof item !== "object" || item === null || !("name" in item)) return undefined;
  return typeof item.name === "string" ? item.name.slice(0, 63) : undefined;
}
