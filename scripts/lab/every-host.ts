import type { PulumiEnvironment } from "../toolchain/environment.ts";
import { asError } from "../toolchain/errors.ts";
import type { Context } from "../toolchain/part.ts";
import { openAccess } from "./access.ts";
import { type LabContainer, labContainers } from "./docker.ts";
import type { HostForwards } from "./host-forwards.ts";
import { labInState } from "./machines.ts";

/**
 * Asks each host that the state knows for its containers, by itself: one that does not answer says nothing of the others.
 *
 * @returns what `ask` has made of the containers of the hosts that answer
 */
export async function onEveryHost<T>(
  context: Context,
  pulumi: PulumiEnvironment,
  stack: string,
  ask: (containers: readonly LabContainer[]) => Promise<readonly T[]>,
): Promise<T[]> {
  const { lab, machines } = await labInState(pulumi, context.root, stack);
  if (lab === undefined) return [];
  const hosts = machines.length === 0 ? [undefined] : machines;
  return (await Promise.all(hosts.map((host) => onHost(host, context, pulumi, { stack, lab }, ask)))).flat();
}

async function onHost<T>(
  host: HostForwards | undefined,
  { project, progress }: Context,
  { env }: PulumiEnvironment,
  { stack, lab }: { stack: string; lab: string },
  ask: (containers: readonly LabContainer[]) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  try {
    const access = await openAccess(
      { env, project, stack },
      { lab, forwards: host === undefined ? [] : [host] },
    );
    try {
      return await ask(await labContainers(access.engines));
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
