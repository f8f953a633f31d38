import { type ParseArgsConfig, parseArgs } from "node:util";
import { asError, ToolchainError } from "./errors.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;

/**
 * node:util's parseArgs with errors for people.
 *
 * @param most how many positional arguments the command takes at most
 * @throws ToolchainError that names the argument that is not understood, with the usage
 */
export function readArguments<const O extends Options>(
  args: readonly string[],
  options: O,
  { most = 0, usage }: { readonly most?: number; readonly usage: string },
) {
  const parsed = parsedOr(usage, () => parseArgs({ args: [...args], options, allowPositionals: true }));
  const surplus: string | undefined = parsed.positionals[most];
  if (surplus !== undefined) throw new ToolchainError(`unexpected argument ${surplus}`, usage);
  return parsed;
}

function parsedOr<T>(usage: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const { message } = asError(error);
    const unknown = /^Unknown option '([^']+)'/.exec(message)?.[1];
    // parseArgs explains itself in its first sentence; the rest is about dashes in values.
    const reason = unknown === undefined ? message.split(". ")[0] : `unexpected argument ${unknown}`;
    throw new ToolchainError(reason ?? message, usage);
  }
}

export interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
}

/** A number that an option was given, in decimals. @throws ToolchainError when it is none or not in the range */
export function numberOption(
  option: string,
  text: string,
  { min, max, whole = false }: NumberRange,
  usage: string,
): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
  const kind = whole ? "whole number" : "number";
  throw new ToolchainError(`--${option} ${text} is not a ${kind} from ${min} to ${max}`, usage);
}
