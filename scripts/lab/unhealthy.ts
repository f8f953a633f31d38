import type { PulumiEnvironment } from "../toolchain/environment.ts";
import { asError, describeError, ToolchainError } from "../toolchain/errors.ts";
import type { Context } from "../toolchain/part.ts";
import { type HostForwards, openAccess } from "./access.ts";
import { docker, type LabContainer, labContainers, lastLogLines } from "./docker.ts";
import { describeFailed, fixOf, hasFailed } from "./failed-containers.ts";
import { machinesInState } from "./machines.ts";

const LOG_LINES = 15;

/**
 * After an update that failed: shows what of the lab's containers there is to see why. Pulumi's docker plugin itself
 * only says that one "failed to be in healthy state".
 */
export async function reportFailure(
  context: Context,
  pulumi: PulumiEnvironment,
  stack: string,
): Promise<void> {
  const failed = await onEveryHost(context, pulumi, stack, async (containers) =>
    Promise.all(
      containers
        .filter(hasFailed)
        .map(async (container) => ({ container, lines: await lastLogLines(container, LOG_LINES) })),
    ),
  );
  if (failed.length === 0) return;
  const error = new ToolchainError(describeFailed(failed), fixOf(failed, `./scripts/up ${stack}`));
  process.stderr.write(`\n${describeError(error)}\n`);
}

/**
 * Before an update: stops and removes what is unhealthy, so that the update makes it anew. A refresh takes an unhealthy
 * container for what it should be, and an update then leaves it alone.
 */
export async function removeUnhealthy(
  context: Context,
  pulumi: PulumiEnvironment,
  stack: string,
): Promise<void> {
  await onEveryHost(context, pulumi, stack, async (containers) => {
    const unhealthy = containers.filter(({ state, health }) => state === "running" && health === "unhealthy");
    for (const { name, engine } of unhealthy) {
      context.progress.say(`${name} is unhealthy: it is made anew`);
      await docker(engine.env, "container", "stop", name);
      await docker(engine.env, "container", "rm", "--force", name);
    }
    return unhealthy;
  });
}

/** Asks each host that the state knows, by itself: one that does not answer says nothing of the others. */
async function onEveryHost<T>(
  context: Context,
  pulumi: PulumiEnvironment,
  stack: string,
  ask: (containers: readonly LabContainer[]) => Promise<T[]>,
): Promise<T[]> {
  const machines = await machinesInState(pulumi, context.root, stack);
  const hosts = machines.length === 0 ? [undefined] : machines;
  return (await Promise.all(hosts.map((host) => onHost(host, context, pulumi, stack, ask)))).flat();
}

async function onHost<T>(
  host: HostForwards | undefined,
  { project, progress }: Context,
  { env }: PulumiEnvironment,
  stack: string,
  ask: (containers: readonly LabContainer[]) => Promise<T[]>,
): Promise<T[]> {
  try {
    const access = await openAccess({ env, project, stack }, host === undefined ? [] : [host]);
    try {
      return await ask(await labContainers(access.engines, stack));
    } finally {
      await access.close();
    }
  } catch (error) {
    progress.say(
      `the containers of ${host?.host ?? "this machine"} cannot be looked at: ${asError(error).message}`,
    );
    return [];
  }
}
