import { z } from "zod";
import { checkTimes, watchScript } from "../../infra/containers/health-check.ts";
import { CHECKOUT_LABEL, LAB_LABEL } from "../../lib/docker/holdings.ts";
import { docker, inspectContainers } from "../../scripts/lab/docker.ts";
import { PROJECT } from "../../scripts/stack/stack.ts";
import { ToolchainError } from "../../scripts/toolchain/errors.ts";
import type { Env } from "../../scripts/toolchain/run.ts";

/** A container as the engine describes it, as far as another is made in its likeness. */
export interface Likeness {
  readonly name: string;
  readonly image: string;
  readonly role: string;
  readonly pipeline: string;
  /** Labels that say whose it is. */
  readonly lab: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly memoryBytes: number;
  readonly networks: readonly string[];
  readonly address: string;
  /** Process id of its first process on this machine; 0 while it does not run. */
  readonly pid: number;
}

const inspected = z.array(
  z.object({
    Name: z.string(),
    Image: z.string(),
    State: z.object({ Pid: z.int() }),
    Config: z.object({ Env: z.array(z.string()).nullable(), Labels: z.record(z.string(), z.string()) }),
    HostConfig: z.object({ Memory: z.number() }),
    NetworkSettings: z.object({ Networks: z.record(z.string(), z.object({ IPAddress: z.string() })) }),
  }),
);

/** The containers of a stack, those of a bench among them. */
export async function likenesses(env: Env, stack: string): Promise<Likeness[]> {
  const labels = [`edgelab.project=${PROJECT}`, `edgelab.stack=${stack}`];
  const ids = await docker(
    env,
    "container",
    "ls",
    "-aq",
    ...labels.flatMap((each) => ["--filter", `label=${each}`]),
  );
  if (ids.length === 0) throw new ToolchainError(`the stack ${stack} is not up`, `./scripts/up ${stack}`);
  return (await inspectContainers(env, inspected, ...ids)).map((each) => {
    const networks = Object.entries(each.NetworkSettings.Networks);
    return {
      name: each.Name.slice(1),
      image: each.Image,
      role: each.Config.Labels["edgelab.role"] ?? "",
      pipeline: each.Config.Labels["edgelab.pipeline"] ?? "",
      lab: Object.fromEntries(
        [LAB_LABEL, CHECKOUT_LABEL].map((label) => [label, each.Config.Labels[label] ?? ""]),
      ),
      env: Object.fromEntries((each.Config.Env ?? []).map(splitVariable)),
      memoryBytes: each.HostConfig.Memory,
      networks: networks.map(([network]) => network),
      address: networks[0]?.[1].IPAddress ?? "",
      pid: each.State.Pid,
    };
  });
}

function splitVariable(text: string): [string, string] {
  const at = text.indexOf("=");
  return [text.slice(0, at), text.slice(at + 1)];
}

/** The lab's own health check of apps, as `infra` sets it: arguments of `docker create`, which takes a script alone. */
export const labHealthCheck = [
  `--health-cmd=set -- /usr/local/bin/healthy\n${watchScript()}`,
  `--health-interval=${checkTimes.intervalSeconds}s`,
  `--health-timeout=${checkTimes.timeoutSeconds}s`,
] as const;

export interface RunOptions {
  readonly name: string;
  readonly role: string;
  readonly image: string;
  /** Whose pipeline, networks and limit of memory it gets. */
  readonly like: Likeness;
  readonly env: Readonly<Record<string, string>>;
  /** Further arguments of `docker create`. */
  readonly args?: readonly string[];
  readonly command?: readonly string[];
}

/** Starts a container of the bench, under the lab's labels: it counts as the lab's, and goes when that goes. */
export async function start(env: Env, stack: string, options: RunOptions): Promise<void> {
  const labels = {
    ...options.like.lab,
    "edgelab.project": PROJECT,
    "edgelab.stack": stack,
    "edgelab.pipeline": options.like.pipeline,
    "edgelab.role": options.role,
  };
  const [first = "none", ...others] = options.like.networks;
  await docker(
    env,
    "create",
    "--init",
    "--cap-drop=ALL",
    `--name=${options.name}`,
    `--network=${first}`,
    `--memory=${options.like.memoryBytes}`,
    `--memory-swap=${options.like.memoryBytes}`,
    ...Object.entries(labels).map(([name, value]) => `--label=${name}=${value}`),
    ...Object.entries(options.env).map(([name, value]) => `--env=${name}=${value}`),
    ...(options.args ?? []),
    options.image,
    ...(options.command ?? []),
  );
  for (const network of others) await docker(env, "network", "connect", network, options.name);
  await docker(env, "start", options.name);
}

/** Ends containers in order, within the time that they have for it, and removes them. */
export async function remove(env: Env, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  await docker(env, "stop", "--time", "10", ...names);
  await docker(env, "rm", "--volumes", ...names);
}
