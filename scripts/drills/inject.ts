import { z } from "zod";
import { pause } from "../../apps/common/retry.ts";
import { docker, inspectContainers, type LabContainer } from "../lab/docker.ts";
import type { Act, Fault } from "./faults.ts";
import { slowDown } from "./slow.ts";

/** What is read of a container's networks. */
const inspected = z.array(
  z.object({
    NetworkSettings: z.object({
      Networks: z.record(
        z.string(),
        z.object({
          Aliases: z.array(z.string()).nullable(),
          IPAMConfig: z.object({ IPv4Address: z.string().optional() }).nullable(),
        }),
      ),
    }),
    Id: z.string(),
  }),
);

/** Undoes what was done to a container. */
type Undo = () => Promise<void>;

/**
 * Does a fault to the lab's containers, and ends it after its time or when the signal aborts, whichever is first.
 *
 * @returns when it began and when it was over, ms since the epoch
 * @throws ToolchainError when Docker refuses; what was done by then is undone
 */
export async function inject(
  fault: Fault,
  containers: readonly LabContainer[],
  signal: AbortSignal,
): Promise<{ fromMs: number; toMs: number }> {
  const undos: Undo[] = [];
  const fromMs = Date.now();
  try {
    const outcomes = await Promise.allSettled(
      fault.acts.map(async ({ act, container }) => {
        const found = containers.find(({ name }) => name === container);
        if (found === undefined) throw new Error(`there is no container ${container}`);
        undos.push(await acts[act](found));
      }),
    );
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
    if (fault.seconds > 0) await pause(fault.seconds * 1000, signal);
  } finally {
    await Promise.all(undos.map((undo) => undo()));
  }
  return { fromMs, toMs: fault.seconds > 0 ? Date.now() : fromMs };
}

const nothing: Undo = async () => {};

const acts: Readonly<Record<Act, (container: LabContainer) => Promise<Undo>>> = {
  crash: async (container) => {
    await kill(container, "");
    return nothing;
  },
  wipe: async (container) => {
    await kill(container, "rm -rf /var/lib/kafka/* && ");
    return nothing;
  },
  restart: async ({ engine: { env }, name }) => {
    await docker(env, "container", "restart", name);
    return nothing;
  },
  hang: async ({ engine: { env }, name }) => {
    await docker(env, "container", "pause", name);
    return async () => {
      await docker(env, "container", "unpause", name);
    };
  },
  slow: slowDown,
  cut: async ({ engine: { env }, name }) => {
    const [found] = await inspectContainers(env, inspected, name);
    const networks = Object.entries(found?.NetworkSettings.Networks ?? {});
    for (const [network] of networks) await docker(env, "network", "disconnect", network, name);
    return async () => {
      for (const [network, { Aliases, IPAMConfig }] of networks) {
        // Docker adds the container's short id by itself.
        const aliases = (Aliases ?? []).filter((alias) => !found?.Id.startsWith(alias));
        const address = IPAMConfig?.IPv4Address;
        await docker(
          env,
          "network",
          "connect",
          ...aliases.flatMap((alias) => ["--alias", alias]),
          ...(address === undefined ? [] : ["--ip", address]),
          network,
          name,
        );
      }
    };
  },
};

/**
 * Ends all processes in the container but its init, which then ends as well: to Docker that is a crash, after which it
 * starts the container again, as it would not after `docker kill`. It works wherever the engine is.
 */
async function kill({ engine: { env }, name }: LabContainer, before: string): Promise<void> {
  await docker(env, "container", "exec", "--detach", name, "sh", "-c", `${before}kill -9 -1`);
}
