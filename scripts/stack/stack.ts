import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { PulumiEnvironment } from "../toolchain/environment.ts";
import { ToolchainError } from "../toolchain/errors.ts";
import { attempt, output } from "../toolchain/run.ts";
import { readIfThere } from "../toolchain/store.ts";
import { withoutSalt } from "./config-files.ts";

/** The name in Pulumi.yaml. */
export const PROJECT = "edgelab";

/** The name of a service's container. */
export function containerName(stack: string, service: string): string {
  return `${PROJECT}-${stack}-${service}`;
}

/** Whether the backend has this stack. */
export async function stackExists(pulumi: PulumiEnvironment, root: string, stack: string): Promise<boolean> {
  const text = await output(pulumi.pulumi, ["stack", "ls", "--json"], { cwd: root, env: pulumi.env });
  if (text === undefined)
    throw new ToolchainError("pulumi cannot list the stacks", "./scripts/pulumi stack ls");
  const stacks = JSON.parse(text) as { name: string }[];
  return stacks.some(({ name }) => name === stack || name.endsWith(`/${stack}`));
}

/** Makes the stack if the backend does not have it, and selects it. Leaves the config files as they are. */
export async function ensureStack(pulumi: PulumiEnvironment, root: string, stack: string): Promise<void> {
  const result = await withoutSalt(root, true, () =>
    attempt(pulumi.pulumi, ["stack", "select", "--create", stack, "--non-interactive"], {
      cwd: root,
      env: pulumi.env,
    }),
  );
  if (!result.failed) return;
  throw new ToolchainError(
    `cannot make the stack ${stack}: ${result.stderr.trim()}`,
    `./scripts/pulumi stack init ${stack}`,
  );
}

/**
 * The stack that is selected in this checkout, or undefined. For our own backend the CLI's note of it is read
 * directly, which is quicker than asking the CLI.
 */
export async function selectedStack(pulumi: PulumiEnvironment, root: string): Promise<string | undefined> {
  if (!pulumi.own) return output(pulumi.pulumi, ["stack", "--show-name"], { cwd: root, env: pulumi.env });
  const backend = pulumi.env.PULUMI_BACKEND_URL ?? "";
  const folder = join(pulumi.env.PULUMI_HOME ?? "", "workspaces");
  const notes = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(`${PROJECT}-`));
  for (const note of notes) {
    const { stacks } = JSON.parse((await readIfThere(join(folder, note))) ?? "{}") as {
      stacks?: Record<string, string>;
    };
    const name = stacks?.[backend]?.split("/").at(-1);
    if (name !== undefined && (await hasState(backend, name))) return name;
  }
  return undefined;
}

async function hasState(backend: string, stack: string): Promise<boolean> {
  const folder = new URL(`${backend}/.pulumi/stacks/${PROJECT}/`);
  const files = await readdir(folder).catch((): string[] => []);
  return files.includes(`${stack}.json`) || files.includes(`${stack}.json.gz`);
}
