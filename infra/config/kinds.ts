import { z } from "zod";
import { structured } from "../../apps/common/structured-text.ts";
import * as text from "../../apps/common/text.ts";
import { subnetProblem } from "./subnet.ts";
import { yamlSyntax } from "./yaml-text.ts";

/**
 * What the program and people need to know of one config key beyond its kind of text. Pulumi hands every value over
 * as text, so defaults are written as text.
 */
export interface KeyInfo {
  readonly default: string;
  /** One line: what the key does. */
  readonly about: string;
  /** Completes "must be …". */
  readonly allowed: string;
  /** Whether the value is a list or a map, which may also be given as such. */
  readonly structured: boolean;
  /** Whether the value must be a secret of Pulumi's, and is never shown. */
  readonly secret: boolean;
  /** An allowed value close to `text`; undefined when the only remedy is to remove the key. */
  nearest(text: string): string | undefined;
  /** More about why `text` is not allowed; completes "it …". */
  problem?(text: string): string | undefined;
}

export type Leaf<T> = z.ZodPrefault<text.Text<T>>;

/** What leaf() was told of each key; the schema looks it up by key. */
export const infos = z.registry<KeyInfo>();

type Told = Pick<KeyInfo, "about" | "nearest"> & Partial<KeyInfo>;

/** A key whose value is of a kind of text, as variables of the apps' environments are; see apps/common/text.ts. */
function leaf<T>(kind: text.Text<T>, fallback: T, info: Told): Leaf<T> {
  const byDefault = z.encode(kind, fallback);
  const key = kind.prefault(byDefault);
  const { expected } = text.aboutOf(kind);
  infos.add(key, { default: byDefault, allowed: expected, structured: false, secret: false, ...info });
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
function clamp(given: string, { min, max }: Range, fallback: number, round: (x: number) => number): string {
  const value = given.trim() === "" ? Number.NaN : round(Number(given));
  return String(Number.isNaN(value) || value <= 0 ? fallback : Math.min(max, Math.max(min, value)));
}

export function integer(range: Range, fallback: number, about: string): Leaf<number> {
  const nearest = (given: string) => clamp(given, range, fallback, Math.round);
  return leaf(text.integer(range), fallback, { about, nearest });
}

export function decimal(range: Range, fallback: number, about: string): Leaf<number> {
  const nearest = (given: string) => clamp(given, range, fallback, (value) => Number(value.toFixed(3)));
  return leaf(text.decimal(range), fallback, { about, nearest });
}

export function choice<const C extends readonly [string, ...string[]]>(
  options: C,
  fallback: C[number],
  about: string,
): Leaf<C[number]> {
  return leaf<C[number]>(text.choice(options), fallback, { about, nearest: () => fallback });
}

export function flag(fallback: boolean, about: string): Leaf<boolean> {
  const nearest = (given: string) =>
    /^(true|yes|on|1)$/i.test(given)
      ? "true"
      : /^(false|no|off|0)$/i.test(given)
        ? "false"
        : String(fallback);
  return leaf(text.flag(), fallback, { about, nearest });
}

/** Text whose form is told in words. */
function matching(pattern: RegExp, expected: string) {
  return text.told(z.string().regex(pattern), { expected });
}

/** An SQL identifier that needs no quoting; `pg_` is PostgreSQL's own. */
export function identifier(fallback: string, about: string): Leaf<string> {
  const pattern = /^(?!pg_)[a-z_][a-z0-9_]{0,62}$/;
  const plain = (given: string) =>
    given
      .toLowerCase()
      .replaceAll(/[^a-z0-9_]/g, "_")
      .slice(0, 63);
  const kind = matching(
    pattern,
    "1 to 63 lower-case letters, digits and _, not starting with a digit or pg_",
  );
  const nearest = (given: string) => (pattern.test(plain(given)) ? plain(given) : fallback);
  return leaf(kind, fallback, { about, nearest });
}

/** One word of a service's own: a name that this project cannot check, such as a flavor's. */
export function word(fallback: string, about: string, empty?: string): Leaf<string> {
  const pattern = empty === undefined ? /^[\w.:/@+-]{1,255}$/ : /^[\w.:/@+-]{0,255}$/;
  const kind = matching(
    pattern,
    `a name without spaces${empty === undefined ? "" : `, or empty for ${empty}`}`,
  );
  return leaf(kind, fallback, { about, nearest: () => (fallback === "" ? undefined : fallback) });
}

export function folder(about: string, fallback = ""): Leaf<string> {
  const empty = fallback === "" ? ", or empty for the lab's own" : "";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is refused
  const kind = matching(/^[^\0-\x1f]*$/, `a path, relative to the root of the checkout${empty}`);
  return leaf(kind, fallback, { about, nearest: () => (fallback === "" ? undefined : fallback) });
}

const cidr = z.string().refine((given) => subnetProblem(given) === undefined);
const problemOfCidr = (given: string) => subnetProblem(given)?.reason;

/** A private IPv4 network as CIDR. */
export function subnet(fallback: string, about: string): Leaf<string> {
  const kind = text.told(cidr, { expected: `a private IPv4 network such as ${fallback}, prefix 16 to 28` });
  const nearest = (given: string) => subnetProblem(given)?.instead ?? fallback;
  return leaf(kind, fallback, { about, nearest, problem: problemOfCidr });
}

/** The same, or empty, the default, which leaves the choice to Docker. */
export function network(about: string): Leaf<string | undefined> {
  const codec = z.codec(z.string(), cidr.optional(), {
    decode: (given) => (given === "" ? undefined : given),
    encode: (value) => value ?? "",
  });
  const expected =
    "a private IPv4 network such as 172.30.0.0/24, prefix 16 to 28, or empty to let Docker choose";
  const nearest = (given: string) => subnetProblem(given)?.instead;
  return leaf<string | undefined>(text.told(codec, { expected }), undefined, {
    about,
    nearest,
    problem: problemOfCidr,
  });
}

/**
 * A list or a map, as text in YAML (of which JSON is a part), empty for nothing.
 *
 * @param schema must take what it returns
 * @param empty the value of empty text
 */
export function yaml<S extends z.ZodType>(
  schema: S,
  empty: z.output<S>,
  about: string,
  allowed: string,
  { secret = false }: { readonly secret?: boolean } = {},
): Leaf<z.output<S>> {
  const nothing = JSON.stringify(empty);
  const kind = structured(schema, {
    read: (given) => (given.trim() === "" ? { value: empty } : yamlSyntax.read(given)),
    write: (value) => (yamlSyntax.write(value) === nothing ? "" : yamlSyntax.write(value)),
  });
  const problem = (given: string) => {
    const { error } = z.safeDecode(kind, given);
    if (error === undefined) return undefined;
    const problems = text.sentences(error);
    const many = problems.length === 1 ? "one mistake" : `${problems.length} mistakes`;
    return `has ${many}: ${problems.join("; ")}`;
  };
  const info = { about, structured: true, secret, nearest: () => undefined, problem };
  return leaf<z.output<S>>(text.told(kind, { expected: allowed }), empty, info);
}

/** Words of a fixed set, separated by commas, each once. */
export function words<const W extends readonly [string, ...string[]]>(
  options: W,
  fallback: readonly W[number][],
  about: string,
): Leaf<readonly W[number][]> {
  const nearest = () => fallback.join(",");
  return leaf<readonly W[number][]>(text.choices(options), fallback, { about, nearest });
}
