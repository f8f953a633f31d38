/**
 * Values as text: what a variable of an environment or a key of the config holds. Each kind is a zod schema that decodes
 * text to a value and encodes a value to text; it checks on the way out what it checks on the way in, so that
 * `z.decode(kind, z.encode(kind, x))` is `x`. Whether a value may be left out is zod's own `.default(x)` and `.optional()`.
 */
import { readFileSync } from "node:fs";
import { z } from "zod";

/** Text of one kind of value. */
export type Text<T> = z.ZodType<T, string>;

/** What people are told of a kind. */
export interface About {
  /** Completes "expected …" and "must be …". */
  readonly expected: string;
  /** Whether the text may hold a secret, by its nature or by mistake; a path never does. */
  readonly hidden?: boolean;
}

const abouts = z.registry<About>();

/** Declares what people are told of a kind; every kind needs it. */
export function told<S extends z.ZodType>(kind: S, about: About): S {
  abouts.add(kind, about);
  return kind;
}

/** What people are told of a kind, whatever stands around it. @throws when the schema is no kind of text */
export function aboutOf(kind: z.ZodType): About {
  const about = abouts.get(bare(kind));
  if (about === undefined) throw new Error("the schema is no kind of text: see told()");
  return about;
}

/** The kind without `.default()`, `.prefault()` and `.optional()`. */
export function bare(kind: z.core.$ZodType): z.core.$ZodType {
  const isWrapper =
    kind instanceof z.ZodDefault || kind instanceof z.ZodPrefault || kind instanceof z.ZodOptional;
  return isWrapper ? bare(kind.unwrap()) : kind;
}

/** What is wrong with a value, one sentence a problem, without the value: `[2]: is empty`. */
export function sentences(error: z.ZodError): readonly string[] {
  return error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${place(path)}: ${message}`,
  );
}

/** A path as one writes it in JavaScript, counted from 0: `[1].url`. */
export function place(path: readonly PropertyKey[]): string {
  return path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
}

/** Text of at least one character, taken as it is. */
export function string({ pattern }: { readonly pattern?: RegExp } = {}) {
  const some = z.string("is not text").min(1, { error: "is empty", abort: true });
  if (pattern === undefined) return told(some, { expected: "text" });
  return told(some.regex(pattern, "does not match"), { expected: `text that matches ${pattern.source}` });
}

export interface Range {
  readonly min?: number;
  readonly max?: number;
}

function ranged(noun: string, pattern: RegExp, number: z.ZodNumber, { min, max }: Range) {
  const above = min === undefined ? number : number.min(min, "is too small");
  const within = max === undefined ? above : above.max(max, "is too large");
  const kind = z.codec(z.string(), within, {
    decode: (text) => (pattern.test(text) ? Number(text) : Number.NaN),
    encode: String,
  });
  return told(kind, { expected: `${noun}${bounds(min, max)}` });
}

function bounds(min: number | undefined, max: number | undefined): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? "" : ` of at most ${max}`;
}

/** A whole number that JavaScript represents exactly. */
export function integer(range: Range = {}) {
  return ranged("a whole number", /^[+-]?\d+$/, z.int("is not a whole number"), range);
}

/** A finite number, in decimal or scientific notation. */
export function decimal(range: Range = {}) {
  const pattern = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
  return ranged("a number", pattern, z.number("is not a number"), range);
}

/** `true` or `false`. */
export function flag() {
  const kind = z.stringbool({ truthy: ["true"], falsy: ["false"], case: "sensitive", error: "is neither" });
  return told(kind, { expected: "true or false" });
}

/** One of a few words. */
export function choice<const W extends readonly string[]>(options: W) {
  const expected = options.length === 1 ? String(options[0]) : `one of ${options.join(", ")}`;
  return told(z.enum(options, "is not among them"), { expected });
}

const plain = z
  .string("is not text")
  .min(1, "is empty")
  .regex(/^([^\s,]([^,]*[^\s,])?)?$/, "has a comma in it or spaces around it");

/** One or more texts, separated by commas. */
export function list() {
  return told(separated(z.array(plain).readonly()), { expected: "a list separated by commas" });
}

/** Words of a fixed set, separated by commas, each once. */
export function choices<const W extends readonly string[]>(options: W) {
  const each = z
    .array(z.enum(options, "is not among them"))
    .refine((words) => new Set(words).size === words.length, "has a word twice")
    .readonly();
  return told(separated(each), { expected: `some of ${options.join(", ")}, separated by commas` });
}

function separated<T extends string>(items: z.ZodType<readonly T[], readonly T[]>) {
  const some = items.refine((all) => all.length > 0, "is empty");
  return z.codec(z.string(), some, {
    // What is among the options, the schema of the items finds out.
    decode: (text) => text.split(",").map((item) => item.trim()) as T[],
    encode: (all) => all.join(","),
  });
}

/**
 * The path of a file that holds a secret. The one kind that is not read back as it was written: it decodes to the file's
 * text without the white space around it.
 */
export function secretFile() {
  const kind = z.codec(z.string(), z.string("is not text").min(1, "is empty"), {
    decode: (path, payload) => {
      const { secret, problem } = readSecret(path);
      if (problem !== undefined) payload.issues.push({ code: "custom", input: path, message: problem });
      return secret ?? z.NEVER;
    },
    encode: (path) => path,
  });
  return told(kind, { expected: "the path of a readable file with a secret in it", hidden: true });
}

/** Errors of the file system quote the path, which may be a secret by mistake; only their code is passed on. */
function readSecret(path: string): { secret?: string; problem?: string } {
  try {
    const secret = readFileSync(path, "utf8").trim();
    return secret === "" ? { problem: "the file is empty" } : { secret };
  } catch (error) {
    return { problem: `the file cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
}
