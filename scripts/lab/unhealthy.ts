import type { PulumiEnvironment } from "../toolchain/environment.ts";
import { describeError, ToolchainError } from "../toolchain/errors.ts";
import type { Context } from "../toolchain/part.ts";
import { docker, lastLogLines } from "./docker.ts";
import { onEveryHost } from "./every-host.ts";
import { describeFailed, fixOf, hasFailed } from "./failed-containers.ts";

/** Among these the first error is looked for; the last of them are shown. */
const LOG_LINES = 2000;

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
      await docker(engine.env, "container", "rm", "--force", "--volumes", name);
    }
    return unhealthy;
  });
}
