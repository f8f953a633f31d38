/**
 * Typed environments. An app declares its variables once with {@link defineEnv}; it parses its own `process.env` with
 * that definition, and the infrastructure formats the container's environment with the same one, so that a misspelt
 * name or a wrong type fails the type check.
 */
import { z } from "zod";
import { aboutOf, bare, sentences } from "./text.ts";

export * from "./structured-text.ts";
export * from "./text.ts";

/** Variable → kind of text, with `.default(x)` or `.optional()` where it need not be set. */
type Shape = Readonly<Record<string, z.ZodType<unknown, string | undefined>>>;

type Optional<S extends Shape> = { [K in keyof S]: undefined extends z.input<S[K]> ? K : never }[keyof S];
type Required<S extends Shape> = Exclude<keyof S, Optional<S>>;
/** What is written is what the value's own schema takes. */
type InputOf<V> =
  V extends z.ZodDefault<infer Inner>
    ? InputOf<Inner>
    : V extends z.ZodOptional<infer Inner>
      ? InputOf<Inner>
      : V extends z.ZodCodec<infer _Text, infer Value>
        ? z.input<Value>
        : z.output<V>;
type Flat<T> = { [K in keyof T]: T[K] };

/** An environment's definition; see {@link defineEnv}. */
export interface Env<S extends Shape> {
  /** Names of the variables, in the order of their declaration. */
  readonly names: readonly (keyof S & string)[];
  /**
   * Reads the values out of an environment. Variables that the definition does not know are ignored.
   * @throws {EnvError} one error that lists every variable that is missing or wrong
   */
  parse(environment: Readonly<Record<string, string | undefined>>): EnvValues<S>;
  /**
   * The environment that `parse` reads back as these values; variables left out keep their defaults and do not appear.
   * A `secretFile` variable takes the path of the file.
   * @throws {EnvError} one error that lists every unknown variable and every value outside its bounds
   */
  format(values: EnvInputs<S>): Record<string, string>;
}

/** What `parse` returns. */
export type EnvValues<S extends Shape> = Flat<{ readonly [K in keyof S]: z.output<S[K]> }>;
type EnvInputs<S extends Shape> = Flat<
  { readonly [K in Required<S>]: InputOf<S[K]> } & { readonly [K in Optional<S>]?: InputOf<S[K]> }
>;
/** Type of the values that `format` of an environment takes; variables with a default are optional. */
export type EnvInput<E> = E extends Env<infer S> ? EnvInputs<S> : never;
/** Type of the values that `parse` of an environment returns. */
export type EnvOf<E> = E extends Env<infer S> ? EnvValues<S> : never;

/** Everything that is wrong with an environment, one line a variable. */
export class EnvError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the environment is not usable:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.name = "EnvError";
    this.problems = problems;
  }
}

/**
 * Declares an environment: variable name → kind (see text.ts and structured-text.ts).
 *
 * @throws when a default is outside its kind's own bounds, a mistake in the program
 */
export function defineEnv<const S extends Shape>(shape: S): Env<S> {
  for (const kind of Object.values(shape)) {
    if (kind instanceof z.ZodDefault) z.encode(bare(kind), kind.def.defaultValue);
  }
  return {
    names: Object.keys(shape) as (keyof S & string)[],
    parse: (environment) => parseEnv(shape, environment) as EnvValues<S>,
    format: (values) => formatEnv(shape, values as Readonly<Record<string, unknown>>),
  };
}

function parseEnv(
  shape: Shape,
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, kind] of Object.entries(shape)) {
    const text = environment[name];
    const result = z.safeDecode(kind, text);
    if (result.success) values[name] = result.data;
    else if (text === undefined) problems.push(`${name} is not set; expected ${aboutOf(kind).expected}`);
    else problems.push(problem(name, kind, text, result.error));
  }
  if (problems.length > 0) throw new EnvError(problems);
  return values;
}

function formatEnv(shape: Shape, values: Readonly<Record<string, unknown>>): Record<string, string> {
  const problems: string[] = [];
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    const kind = shape[name];
    if (kind === undefined) {
      problems.push(`${name} is not a variable of this app; it knows ${Object.keys(shape).join(", ")}`);
    } else if (value !== undefined) {
      const result = z.safeEncode(kind, value);
      if (!result.success) problems.push(problem(name, kind, String(value), result.error));
      else if (result.data !== undefined) environment[name] = result.data;
    }
  }
  for (const [name, kind] of Object.entries(shape)) {
    const needed = bare(kind) === kind;
    if (needed && values[name] === undefined) {
      problems.push(`${name} is not given; expected ${aboutOf(kind).expected}`);
    }
  }
  if (problems.length > 0) throw new EnvError(problems);
  return environment;
}

function problem(name: string, kind: z.ZodType, text: string, error: z.ZodError): string {
  const { expected, hidden } = aboutOf(kind);
  const shown = hidden && !text.startsWith("/") ? "[hidden]" : quote(text);
  const [first = "", ...others] = sentences(error);
  if (others.length === 0) return `${name}=${shown}: ${first}; expected ${expected}`;
  const lines = [first, ...others].map((sentence) => `\n    - ${sentence}`).join("");
  return `${name}=${shown} has ${others.length + 1} problems; expected ${expected}:${lines}`;
}

/** Long values are cut, so that a file pasted into a variable does not flood the log. */
function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}
