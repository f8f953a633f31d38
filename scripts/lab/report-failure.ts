import type { PulumiEnvironment } from "../toolchain/environment.ts";
import { asError, describeError, ToolchainError } from "../toolchain/errors.ts";
import type { Context } from "../toolchain/part.ts";
import { output } from "../toolchain/run.ts";
import { type HostForwards, openAccess } from "./access.ts";
import { labContainers, lastLogLines } from "./docker.ts";
import { describeFailed, type Failed, fixOf, hasFailed } from "./failed-containers.ts";
import { machinesOf } from "./machines.ts";

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
  const exported = await output(pulumi.pulumi, ["stack", "export", "--stack", stack], {
    cwd: context.root,
    env: pulumi.env,
  });
  const machines = exported === undefined ? [] : machinesOf(exported);
  // Each by itself: a host that does not answer says nothing of the others.
  const hosts = machines.length === 0 ? [undefined] : machines;
  const failed = (await Promise.all(hosts.map((host) => failedOn(host, context, pulumi, stack)))).flat();
  if (failed.length === 0) return;
  const error = new ToolchainError(describeFailed(failed), fixOf(failed, `./scripts/up ${stack}`));
  process.stderr.write(`\n${describeError(error)}\n`);
}

async function failedOn(
  host: HostForwards | undefined,
  { project, progress }: Context,
  { env }: PulumiEnvironment,
  stack: string,
): Promise<Failed[]> {
  try {
    const access = await openAccess({ env, project, stack }, host === undefined ? [] : [host]);
    try {
      const failed = (await labContainers(access.engines, stack)).filter(hasFailed);
      return await Promise.all(
        failed.map(async (container) => ({ container, lines: await lastLogLines(container, LOG_LINES) })),
      );
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
