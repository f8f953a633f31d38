import { explain } from "../../lib/ssh/explain.ts";
import { runScript } from "../../lib/ssh/run.ts";
import type { PulumiEnvironment } from "../toolchain/environment.ts";
import type { Context } from "../toolchain/part.ts";
import type { HostForwards } from "./host-forwards.ts";
import { labInState } from "./machines.ts";

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
  const { machines } = await labInState(pulumi, context.root, stack);
  const silent = await silentHosts(machines);
  if (silent.length === 0) return true;
  context.progress.say(describeSilent(silent, target));
  return false;
}

/**
 * Why a lab is not refreshed, and what can be done: a host that shows another key, or refuses ours, does answer.
 *
 * @param target where the lab runs, as in config
 */
export function describeSilent(silent: readonly SilentHost[], target: string): string {
  const isOff = silent.every(({ transient }) => transient);
  // A VM that the cloud has made anew shows another key, and is a matter of the cloud's.
  const isCloud = target === "openstack";
  return [
    `the state is not refreshed, as some hosts ${isOff ? "do not answer" : "cannot be asked"}:`,
    ...silent.flatMap(({ host, reason, fix, transient }) => [
      `  ${host}: ${reason}`,
      ...(transient || isCloud ? [] : [`    fix: ${fix}`]),
    ]),
    ...(isCloud || silent.some(({ transient }) => transient) ? [`  ${mending[target] ?? mending.ssh}`] : []),
  ].join("\n");
}

/** A machine that cannot be asked. */
export interface SilentHost {
  readonly host: string;
  readonly reason: string;
  readonly fix: string;
  /** Whether it may answer later by itself. */
  readonly transient: boolean;
}

/** The machines that cannot be asked, and why. */
export async function silentHosts(
  machines: readonly Pick<HostForwards, "host" | "connection">[],
): Promise<SilentHost[]> {
  const asked = await Promise.all(
    machines.map(async ({ host, connection }) => {
      const result = await runScript(connection, "exec true", { timeoutMs: answerMs });
      if (result.code === 0) return [];
      const { reason, fix, transient } = explain(connection, result);
      return [{ host, reason, fix, transient }];
    }),
  );
  return asked.flat();
}
