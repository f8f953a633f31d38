import { readFile } from "node:fs/promises";
import { z } from "zod";
import { inspectContainers, type LabContainer } from "../lab/docker.ts";
import { ToolchainError } from "../toolchain/errors.ts";
import { attempt, type Env } from "../toolchain/run.ts";

/** A link of 1 Mbit/s on which 300 ms of packets wait and what is more is dropped; for `tc`, which has it everywhere. */
const slowLink = ["root", "tbf", "rate", "1mbit", "burst", "16kb", "latency", "300ms"];

const inspected = z.tuple([z.object({ Id: z.string(), State: z.object({ Pid: z.int() }) })]);
const otherFaults = "./scripts/drill --faults crash,hang,cut";
const links = z.array(z.object({ ifname: z.string() }));

/** Whether this process can slow down a network. @returns why not, and the command that may help; undefined when it can */
export async function whyNotSlow(env: Env): Promise<string | undefined> {
  // In a network of its own, which is gone with the command.
  const args = ["--net", "tc", "qdisc", "add", "dev", "lo", ...slowLink];
  const { failed, stderr, originalMessage } = await attempt("unshare", args, { env });
  if (!failed) return undefined;
  const why = stderr.trim() || originalMessage || "unshare --net tc failed";
  return `${why} (fix: run as root, with apt-get install iproute2)`;
}

/**
 * Makes the network slow in the direction in which a container sends, on all of its interfaces.
 *
 * @returns what makes it as it was
 * @throws ToolchainError when the container is none of this machine, or `tc` refuses
 */
export async function slowDown(container: LabContainer): Promise<() => Promise<void>> {
  const { env } = container.engine;
  const pid = await processOf(container);
  const inside = async (...command: string[]) => {
    const result = await attempt("nsenter", ["--target", String(pid), "--net", ...command], { env });
    if (!result.failed) return result.stdout;
    throw new ToolchainError(
      `${command.slice(0, 3).join(" ")} failed in ${container.name}: ${result.stderr.trim()}`,
      otherFaults,
    );
  };
  const names = links
    .parse(JSON.parse(await inside("ip", "-json", "link", "show")))
    .map((link) => link.ifname);
  const interfaces = names.filter((name) => name !== "lo");
  for (const name of interfaces) await inside("tc", "qdisc", "replace", "dev", name, ...slowLink);
  return async () => {
    // The network of a container that was started anew in between is a new one.
    if ((await processOf(container)) !== pid) return;
    for (const name of interfaces) await inside("tc", "qdisc", "delete", "dev", name, "root");
  };
}

/** A process in the container's network. @throws ToolchainError when the engine's processes are not this machine's */
async function processOf({ engine: { env }, name }: LabContainer): Promise<number> {
  const [{ Id, State }] = await inspectContainers(env, inspected, name);
  const groups = await readFile(`/proc/${State.Pid}/cgroup`, "utf8").catch((error: unknown) => String(error));
  if (groups.includes(Id)) return State.Pid;
  throw new ToolchainError(
    `process ${State.Pid} of this machine is not ${name}, so its network cannot be slowed down`,
    otherFaults,
  );
}
