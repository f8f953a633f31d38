import { explain } from "../../lib/ssh/explain.ts";
import { runScript } from "../../lib/ssh/run.ts";
import type { PulumiEnvironment } from "../toolchain/environment.ts";
import type { Context } from "../toolchain/part.ts";
import type { HostForwards } from "./access.ts";
import { machinesInState } from "./machines.ts";

/** Whatever the lab has in a cloud, as a pattern of Pulumi's `--target`. */
export const CLOUD_RESOURCES = "**$openstack:**";

const answerMs = 15_000;

/** What mends a host that does not answer, by the lab's target. */
const mending: Readonly<Record<string, string>> = {
  ssh: "fix: bring them back, or take them out of ssh.hosts and placement: their services go elsewhere with this run",
  openstack:
    "fix: nothing for a VM that the cloud no longer has: it is made again now; delete one that is dead for good (openstack server delete NAME) and run this again",
};

/**
 * Whether every machine of the state answers, so that it can be asked what is on it. Says which do not.
 *
 * @param target where the lab runs, as in config
 */
export async function allAnswer(
  context: Context,
  pulumi: PulumiEnvironment,
  stack: string,
  target: string,
): Promise<boolean> {
  const machines = await machinesInState(pulumi, context.root, stack);
  const lines = (await silentHosts(machines)).map(({ host, reason }) => `  ${host}: ${reason}`);
  if (lines.length === 0) return true;
  context.progress.say(
    [
      "the state is not refreshed, as some hosts do not answer:",
      ...lines,
      `  ${mending[target] ?? mending.ssh}`,
    ].join("\n"),
  );
  return false;
}

/** The machines that do not answer, and why. */
export async function silentHosts(
  machines: readonly Pick<HostForwards, "host" | "connection">[],
): Promise<{ host: string; reason: string }[]> {
  const asked = await Promise.all(
    machines.map(async ({ host, connection }) => {
      const result = await runScript(connection, "exec true", { timeoutMs: answerMs });
      return result.code === 0 ? [] : [{ host, reason: explain(connection, result).reason }];
    }),
  );
  return asked.flat();
}
