import { ToolchainError } from "../toolchain/errors.ts";
import { DEFAULT_STACK } from "./stack/arguments.ts";

/** What a command was called with: at most one stack, and flags from a fixed set. */
export interface Arguments<Flag extends string> {
  readonly stack: string;
  readonly flags: ReadonlySet<Flag>;
}

/** @throws ToolchainError naming the argument that is not understood, with the usage */
export function parseArguments<Flag extends string>(
  args: readonly string[],
  allowed: readonly Flag[],
  usage: string,
): Arguments<Flag> {
  const flags = new Set<Flag>();
  const names: string[] = [];
  for (const arg of args) {
    const flag = allowed.find((name) => name === arg);
    if (flag !== undefined) flags.add(flag);
    else if (arg.startsWith("-")) throw new ToolchainError(`unknown option ${arg}`, usage);
    else names.push(arg);
  }
  const [stack = DEFAULT_STACK, surplus] = names;
  if (surplus !== undefined) throw new ToolchainError(`one stack at a time; what is ${surplus}?`, usage);
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(stack)) {
    throw new ToolchainError(`${stack} is no name for a stack (lower-case letters, digits, dashes)`, usage);
  }
  return { stack, flags };
}
