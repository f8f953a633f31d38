import { join } from "node:path";
import { parse } from "yaml";
import { readIfThere } from "../toolchain/store.ts";
import { PROJECT } from "./stack.ts";

/** A key of a stack's config file, as text; undefined when it is not there. */
export async function configValue(root: string, stack: string, key: string): Promise<string | undefined> {
  const text = await readIfThere(join(root, `Pulumi.${stack}.yaml`));
  const file = (parse(text ?? "") ?? {}) as { config?: Record<string, unknown> | null };
  const value = file.config?.[`${PROJECT}:${key}`];
  return value === undefined ? undefined : String(value);
}

/** Where a stack's lab runs, as its config file says. */
export async function targetOf(root: string, stack: string): Promise<string> {
  return (await configValue(root, stack, "target")) ?? "local";
}
