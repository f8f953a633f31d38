import { existsSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { readIfThere } from "../toolchain/store.ts";
import { namedStack } from "./arguments.ts";
import { PROJECT } from "./stack.ts";

function configFile(root: string, stack: string): string {
  return join(root, `Pulumi.${stack}.yaml`);
}

/** A key of a stack's config file, as text; undefined when it is not there. */
export async function configValue(root: string, stack: string, key: string): Promise<string | undefined> {
  const text = await readIfThere(configFile(root, stack));
  const file = (parse(text ?? "") ?? {}) as { config?: Record<string, unknown> | null };
  const value = file.config?.[`${PROJECT}:${key}`];
  return value === undefined ? undefined : String(value);
}

/**
 * Where the lab of the stack that arguments of `pulumi` name runs.
 *
 * @returns undefined where none is named, or its config is not in the stack's own file
 */
export async function targetNamed(
  root: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const stack = namedStack(args) ?? env.PULUMI_STACK?.split("/").at(-1);
  return stack !== undefined && hasOwnConfig(root, stack, args) ? targetOf(root, stack) : undefined;
}

/** Whether a command of `pulumi` with these arguments has the stack's config from the stack's own file. */
export function hasOwnConfig(root: string, stack: string, args: readonly string[]): boolean {
  return !args.some((arg) => /^--config-file(=|$)/.test(arg)) && existsSync(configFile(root, stack));
}

/** Where a stack's lab runs, as its config file says. */
export async function targetOf(root: string, stack: string): Promise<string> {
  return (await configValue(root, stack, "target")) ?? "local";
}
