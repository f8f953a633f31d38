/**
 * Typed environments. An app declares its variables once with {@link defineEnv}; it parses its own `process.env` with
 * that definition, and the infrastructure formats the container's environment with the same one, so that a misspelt
 * name or a wrong type fails the type check.
 */
import type { Variable } from "./env-kinds.ts";

export * from "./env-kinds.ts";

type Shape = Readonly<Record<string, Variable<unknown, never, boolean>>>;

type Required<S extends Shape> = {
  [K in keyof S]: S[K] extends Variable<unknown, never, true> ? K : never;
}[keyof S];
type Optional<S extends Shape> = Exclude<keyof S, Required<S>>;
type InputOf<V> = V extends { format(value: infer I): string } ? I : never;
type ValueOf<V> = V extends { parse(text: string): infer T; readonly fallback: infer B }
  ? T | (B extends { value: infer F } ? F : never)
  : never;
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
export type EnvValues<S extends Shape> = Flat<{ readonly [K in keyof S]: ValueOf<S[K]> }>;
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

/** Declares an environment: variable name → kind (see env-kinds.ts). */
export function defineEnv<const S extends Shape>(shape: S): Env<S> {
  const names = Object.keys(shape) as (keyof S & string)[];
  return {
    names,
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
  for (const [name, variable] of Object.entries(shape)) {
    const text = environment[name];
    if (text === undefined && variable.fallback !== undefined) {
      values[name] = variable.fallback.value;
    } else if (text === undefined) {
      problems.push(`${name} is not set; expected ${variable.expected}`);
    } else {
      try {
        values[name] = variable.parse(text);
      } catch (error) {
        const shown = variable.hidden && !text.startsWith("/") ? "[hidden]" : quote(text);
        problems.push(`${name}=${shown}: ${reason(error)}; expected ${variable.expected}`);
      }
    }
  }
  if (problems.length > 0) throw new EnvError(problems);
  return values;
}

function formatEnv(shape: Shape, values: Readonly<Record<string, unknown>>): Record<string, string> {
  const problems: string[] = [];
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    if (!Object.hasOwn(shape, name)) {
      problems.push(`${name} is not a variable of this app; it knows ${Object.keys(shape).join(", ")}`);
    }
    if (value === undefined) continue;
    const variable = shape[name];
    if (variable === undefined) continue;
    try {
      environment[name] = variable.format(value as never);
    } catch (error) {
      problems.push(`${name}=${quote(String(value))}: ${reason(error)}; expected ${variable.expected}`);
    }
  }
  for (const [name, variable] of Object.entries(shape)) {
    if (values[name] === undefined && variable.fallback === undefined) {
      problems.push(`${name} is not given; expected ${variable.expected}`);
    }
  }
  if (problems.length > 0) throw new EnvError(problems);
  return environment;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Long values are cut, so that a file pasted into a variable does not flood the log. */
function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}
