import { readFileSync } from "node:fs";

/**
 * One kind of variable. `parse(format(x))` is `x`, save for `secretFile`, whose text is a path and whose value is what
 * the file holds.
 */
export interface Variable<T, Input = T, Required extends boolean = boolean> {
  /** Completes the sentence "expected …". */
  readonly expected: string;
  /** The value when the variable is not set; undefined when it must be set. */
  readonly fallback: Required extends true ? undefined : { readonly value: T } | undefined;
  /** Whether text that is no absolute path must not be shown: it may be the secret itself, put in the wrong place. */
  readonly hidden?: boolean;
  /** @throws when the text is no such value */
  parse(text: string): T;
  /** @throws when the value is outside the variable's bounds */
  format(value: Input): string;
}

interface Defaulted<T> {
  /** The value when the variable is not set. Without it the variable must be set. */
  readonly default?: T | undefined;
}
/** Whether a variable declared with these options must be set. */
type Needed<O> = O extends { readonly default: unknown } ? false : true;

function variable<T, O extends Defaulted<T>>(
  options: O,
  kind: Pick<Variable<T>, "expected" | "parse" | "format">,
): Variable<T, T, Needed<O>> {
  const fallback = options.default === undefined ? undefined : { value: options.default };
  // A default outside its own bounds is a mistake in the program: it fails where it is declared.
  if (fallback !== undefined) kind.format(fallback.value);
  return { ...kind, fallback: fallback as Variable<T, T, Needed<O>>["fallback"] };
}

/** Checks on the way in what is checked on the way out, by the same function. */
function checked<T>(check: (value: T) => T, read: (text: string) => T, write: (value: T) => string) {
  return { parse: (text: string) => check(read(text)), format: (value: T) => write(check(value)) };
}

/** Text of at least one character, taken as it is. */
export function string<const O extends Defaulted<string> & { readonly pattern?: RegExp }>(options?: O) {
  const pattern = options?.pattern;
  const check = (value: string): string => {
    if (value === "") throw new Error("is empty");
    if (pattern !== undefined && !pattern.test(value)) throw new Error("does not match");
    return value;
  };
  const expected = pattern === undefined ? "text" : `text that matches ${pattern.source}`;
  return variable<string, O>((options ?? {}) as O, { expected, ...checked(check, String, String) });
}

interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

function bounded(value: number, { min, max }: Bounds): number {
  if (min !== undefined && value < min) throw new Error("is too small");
  if (max !== undefined && value > max) throw new Error("is too large");
  return value;
}

function range(noun: string, { min, max }: Bounds): string {
  if (min !== undefined && max !== undefined) return `${noun} from ${min} to ${max}`;
  if (min !== undefined) return `${noun} of at least ${min}`;
  return max === undefined ? noun : `${noun} of at most ${max}`;
}

/** A whole number that JavaScript represents exactly. */
export function integer<const O extends Defaulted<number> & Bounds>(options?: O) {
  const bounds: Bounds = options ?? {};
  const check = (value: number): number => {
    if (!Number.isSafeInteger(value)) throw new Error("is not a whole number");
    return bounded(value, bounds);
  };
  const read = (text: string) => (/^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN);
  const kind = { expected: range("a whole number", bounds), ...checked(check, read, String) };
  return variable<number, O>((options ?? {}) as O, kind);
}

/** A finite number, in decimal or scientific notation. */
export function number<const O extends Defaulted<number> & Bounds>(options?: O) {
  const bounds: Bounds = options ?? {};
  const check = (value: number): number => {
    if (!Number.isFinite(value)) throw new Error("is not a number");
    return bounded(value, bounds);
  };
  const read = (text: string) =>
    /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  const kind = { expected: range("a number", bounds), ...checked(check, read, String) };
  return variable<number, O>((options ?? {}) as O, kind);
}

/** `true` or `false`. */
export function boolean<const O extends Defaulted<boolean>>(options?: O) {
  const parse = (text: string): boolean => {
    if (text !== "true" && text !== "false") throw new Error("is neither");
    return text === "true";
  };
  return variable<boolean, O>((options ?? {}) as O, { expected: "true or false", parse, format: String });
}

/** One or more texts, separated by commas. */
export function list<const O extends Defaulted<readonly string[]>>(options?: O) {
  const check = (items: readonly string[]): readonly string[] => {
    if (items.length === 0 || items.some((item) => item.trim() === "")) throw new Error("has an empty item");
    if (items.some((item) => item.includes(",") || item !== item.trim())) {
      throw new Error("has an item with a comma or with spaces around it");
    }
    return items;
  };
  const read = (text: string): readonly string[] => text.split(",").map((item) => item.trim());
  const kind = {
    expected: "a list separated by commas",
    ...checked(check, read, (items) => items.join(",")),
  };
  return variable<readonly string[], O>((options ?? {}) as O, kind);
}

/** One of a few words. */
export function oneOf<const W extends string, const O extends Defaulted<NoInfer<W>>>(
  words: readonly W[],
  options?: O,
) {
  const check = (value: string): W => {
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw new Error("is not among them");
    return word;
  };
  const kind = {
    expected: `one of ${words.join(", ")}`,
    parse: check,
    format: (value: W): string => check(value),
  };
  return variable<W, O>((options ?? {}) as O, kind);
}

/** The path of a file that holds a secret; the value is the file's text without the white space around it. */
export function secretFile(): Variable<string, string, true> {
  return {
    expected: "the path of a readable file with a secret in it",
    fallback: undefined,
    hidden: true,
    parse: (path) => {
      const secret = readSecret(path);
      if (secret === "") throw new Error("the file is empty");
      return secret;
    },
    format: (path) => {
      if (path === "") throw new Error("is empty");
      return path;
    },
  };
}

/** A variable that may be left unset, which is the value undefined. */
export function optional<T, Input>(kind: Variable<T, Input, boolean>): Variable<T | undefined, Input, false> {
  return { ...kind, fallback: { value: undefined } };
}

/** Errors of the file system quote the path, which may be a secret by mistake; only their code is passed on. */
function readSecret(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    throw new Error(`the file cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
