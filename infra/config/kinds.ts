import { parse as parseYaml, YAMLParseError } from "yaml";
import { z } from "zod";
import { cidrProblem } from "./cidr.ts";

/**
 * What the program and people need to know of one config key beyond its zod schema. Pulumi hands every value over
 * as text, so the schemas read text and defaults are written as text.
 */
export interface KeyInfo {
  readonly default: string;
  /** One line: what the key does. */
  readonly about: string;
  /** Completes "must be …". */
  readonly allowed: string;
  /** An allowed value close to `text`; undefined when the only remedy is to remove the key. */
  nearest(text: string): string | undefined;
  /** More about why `text` is not allowed; completes "it …". */
  problem?(text: string): string | undefined;
}

export type Leaf<T> = z.ZodPrefault<z.ZodType<T, string>>;

/** What leaf() was told of each key; the schema looks it up by key. */
export const infos = z.registry<KeyInfo>();

function leaf<T>(schema: z.ZodType<T, string>, info: KeyInfo): Leaf<T> {
  const key = schema.prefault(info.default);
  infos.add(key, info);
  return key;
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

/**
 * The nearer end of the range for a number outside it; the default for what is no number, and for zero and
 * below, where the nearer end was hardly meant.
 */
function clamp(text: string, { min, max }: Range, fallback: string, round: (x: number) => number): string {
  const value = text.trim() === "" ? Number.NaN : round(Number(text));
  return Number.isNaN(value) || value <= 0 ? fallback : String(Math.min(max, Math.max(min, value)));
}

export function integer(range: Range, fallback: number, about: string): Leaf<number> {
  const schema = z
    .string()
    .regex(/^-?\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(range.min).max(range.max));
  return leaf(schema, {
    default: String(fallback),
    about,
    allowed: `a whole number from ${range.min} to ${range.max}`,
    nearest: (text) => clamp(text, range, String(fallback), Math.round),
  });
}

export function decimal(range: Range, fallback: number, about: string): Leaf<number> {
  const schema = z
    .string()
    .regex(/^-?\d{1,15}(\.\d{1,9})?$/)
    .transform(Number)
    .pipe(z.number().min(range.min).max(range.max));
  return leaf(schema, {
    default: String(fallback),
    about,
    allowed: `a number from ${range.min} to ${range.max}`,
    nearest: (text) => clamp(text, range, String(fallback), (value) => Number(value.toFixed(3))),
  });
}

export function choice<const C extends readonly [string, ...string[]]>(
  options: C,
  fallback: C[number],
  about: string,
): Leaf<C[number]> {
  const allowed = options.length === 1 ? options[0] : `one of ${options.join(", ")}`;
  return leaf<C[number]>(z.enum(options), { default: fallback, about, allowed, nearest: () => fallback });
}

export function flag(fallback: boolean, about: string): Leaf<boolean> {
  const schema = z.enum(["true", "false"]).transform((text) => text === "true");
  const nearest = (text: string) =>
    /^(true|yes|on|1)$/i.test(text) ? "true" : /^(false|no|off|0)$/i.test(text) ? "false" : String(fallback);
  return leaf(schema, { default: String(fallback), about, allowed: "true or false", nearest });
}

/** An SQL identifier that needs no quoting; `pg_` is PostgreSQL's own. */
export function identifier(fallback: string, about: string): Leaf<string> {
  const pattern = /^(?!pg_)[a-z_][a-z0-9_]{0,62}$/;
  const plain = (text: string) =>
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9_]/g, "_")
      .slice(0, 63);
  return leaf(z.string().regex(pattern), {
    default: fallback,
    about,
    allowed: "1 to 63 lower-case letters, digits and _, not starting with a digit or pg_",
    nearest: (text) => (pattern.test(plain(text)) ? plain(text) : fallback),
  });
}

/** One word of a service's own: a name that this project cannot check, such as a flavor's. */
export function word(fallback: string, about: string, empty?: string): Leaf<string> {
  const pattern = empty === undefined ? /^[\w.:/@+-]{1,255}$/ : /^[\w.:/@+-]{0,255}$/;
  return leaf(z.string().regex(pattern), {
    default: fallback,
    about,
    allowed: `a name without spaces${empty === undefined ? "" : `, or empty for ${empty}`}`,
    nearest: () => (fallback === "" ? undefined : fallback),
  });
}

export function folder(about: string, fallback = ""): Leaf<string> {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is refused
  return leaf(z.string().regex(/^[^\0-\x1f]*$/), {
    default: fallback,
    about,
    allowed:
      fallback === ""
        ? "a path, relative to the root of the checkout, or empty for the lab's own"
        : "a path, relative to the root of the checkout",
    nearest: () => (fallback === "" ? undefined : fallback),
  });
}

/** A private IPv4 network as CIDR. */
export function subnet(fallback: string, about: string): Leaf<string> {
  return leaf<string>(
    z.string().refine((text) => cidrProblem(text) === undefined),
    {
      default: fallback,
      about,
      allowed: `a private IPv4 network such as ${fallback}, prefix 16 to 28`,
      nearest: (text) => cidrProblem(text)?.instead ?? fallback,
      problem: (text) => cidrProblem(text)?.reason,
    },
  );
}

/** The same, or empty, the default, which leaves the choice to Docker. */
export function network(about: string): Leaf<string | undefined> {
  const schema = z
    .string()
    .refine((text) => text === "" || cidrProblem(text) === undefined)
    .transform((text) => (text === "" ? undefined : text));
  return leaf<string | undefined>(schema, {
    default: "",
    about,
    allowed: "a private IPv4 network such as 172.30.0.0/24, prefix 16 to 28, or empty to let Docker choose",
    nearest: (text) => cidrProblem(text)?.instead,
    problem: (text) => cidrProblem(text)?.reason,
  });
}

/**
 * A structured value, written as YAML (of which JSON is a part) into one text, empty for nothing.
 * @param empty the value of empty text
 */
export function yaml<T>(schema: z.ZodType<T>, empty: T, about: string, allowed: string): Leaf<T> {
  const text = z.string().transform((given, context): T => {
    const { value, problems } = readYaml(schema, given, empty);
    for (const message of problems) context.addIssue({ code: "custom", message });
    return value ?? z.NEVER;
  });
  const problem = (given: string) => {
    const { problems } = readYaml(schema, given, empty);
    return problems.length === 0 ? undefined : `has ${problems.length} mistakes: ${problems.join("; ")}`;
  };
  return leaf<T>(text, { default: "", about, allowed, nearest: () => undefined, problem });
}

function readYaml<T>(schema: z.ZodType<T>, given: string, empty: T): { value?: T; problems: string[] } {
  if (given.trim() === "") return { value: empty, problems: [] };
  try {
    const read = schema.safeParse(parseYaml(given));
    if (read.success) return { value: read.data, problems: [] };
    return { problems: read.error.issues.map(({ path, message }) => `${pathText(path)}${message}`) };
  } catch (error) {
    if (error instanceof YAMLParseError)
      return { problems: [`is not valid YAML: ${error.message.split("\n")[0]}`] };
    throw error;
  }
}

/** `[1].url: `, counted from 0. */
function pathText(path: readonly PropertyKey[]): string {
  if (path.length === 0) return "";
  return `${path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("")}: `;
}

/** Words of a fixed set, separated by commas, each once. */
export function words<const W extends readonly [string, ...string[]]>(
  options: W,
  fallback: readonly W[number][],
  about: string,
): Leaf<readonly W[number][]> {
  const split = (text: string) => text.split(",").map((word) => word.trim());
  const known: ReadonlySet<string> = new Set(options);
  const schema = z
    .string()
    .refine((text) => split(text).every((word) => known.has(word)))
    .refine((text) => new Set(split(text)).size === split(text).length)
    // Each has been found among the options.
    .transform((text) => split(text) as W[number][]);
  return leaf<readonly W[number][]>(schema, {
    default: fallback.join(","),
    about,
    allowed: `some of ${options.join(", ")}, separated by commas`,
    nearest: () => fallback.join(","),
  });
}
