import type { ParseArgsConfig } from "node:util";
import { readArguments } from "../toolchain/command-line.ts";
import { ToolchainError } from "../toolchain/errors.ts";

/** The stack that is used when none is named and none was selected. */
export const DEFAULT_STACK = "dev";

/**
 * What a command on one stack was called with: at most one name of a stack, and its own options.
 *
 * @throws ToolchainError that says what is wrong, with the usage
 */
export function stackArguments<const O extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  options: O,
  usage: string,
) {
  const { positionals, values } = readArguments(args, options, { most: 1, usage });
  return { stack: stackName(positionals[0] ?? DEFAULT_STACK, usage), values };
}

/** @throws ToolchainError when it cannot be the name of a stack */
export function stackName(name: string, usage: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,39}$/.test(name)) return name;
  throw new ToolchainError(`${name} is not a stack name (lower-case letters, digits, dashes)`, usage);
}

/** Commands that ask the plugins of a stack. */
const NEED_PLUGINS = new Set([
  "up",
  "update",
  "preview",
  "pre",
  "destroy",
  "down",
  "dn",
  "refresh",
  "watch",
  "import",
]);

const NEED_STACK = new Set([...NEED_PLUGINS, "logs", "cancel", "state", "config", "console", "export"]);

const STACK_SUBCOMMANDS_WITHOUT = new Set([
  "init",
  "ls",
  "list",
  "select",
  "new",
  "rm",
  "remove",
  "unselect",
  "rename",
]);

/** Whether these arguments of `pulumi` are a command that works on a stack but name none. */
export function wantsDefaultStack(args: readonly string[]): boolean {
  if (args.some(namesStack) || asksForHelp(args)) return false;
  const [command, subcommand] = commandIn(args);
  if (command === "stack") return subcommand === undefined || !STACK_SUBCOMMANDS_WITHOUT.has(subcommand);
  return command !== undefined && NEED_STACK.has(command);
}

/** Whether the command asks the plugins of a stack for anything. */
export function needsPlugins(args: readonly string[]): boolean {
  const [command] = commandIn(args);
  return command !== undefined && NEED_PLUGINS.has(command) && !asksForHelp(args);
}

/** Whether the command makes or selects a stack and changes no config on purpose. */
export function onlyMakesStack(args: readonly string[]): boolean {
  const [command, subcommand] = commandIn(args);
  return command === "stack" && (subcommand === "init" || subcommand === "select" || subcommand === "new");
}

/** The stack that arguments of `pulumi` name in any of the ways its CLI takes, without organisation and project. */
export function namedStack(args: readonly string[]): string | undefined {
  const at = args.findIndex(namesStack);
  const arg = args[at];
  if (arg === undefined) return undefined;
  const name = arg === "-s" || arg === "--stack" ? args[at + 1] : arg.replace(/^(--stack=|-s=?)/, "");
  return name?.split("/").at(-1);
}

function namesStack(arg: string): boolean {
  return arg === "-s" || arg === "--stack" || arg.startsWith("--stack=") || /^-s[^-]/.test(arg);
}

/** The command and what comes behind it, without options. */
function commandIn(args: readonly string[]): readonly string[] {
  return args.filter((arg) => !arg.startsWith("-"));
}

function asksForHelp(args: readonly string[]): boolean {
  return args.includes("--help") || args.includes("-h");
}
