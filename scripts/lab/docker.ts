import { z } from "zod";
import { readableLine } from "../../lib/log-lines.ts";
import { PROJECT } from "../stack/stack.ts";
import { ToolchainError } from "../toolchain/errors.ts";
import { attempt, type Env } from "../toolchain/run.ts";
import type { LabEngine } from "./access.ts";

export interface LabContainer {
  /** The engine that it runs on. */
  readonly engine: LabEngine;
  readonly name: string;
  readonly pipeline: string;
  readonly role: string;
  /** The network that it was made with; `host` for that of its host. */
  readonly network: string;
  /** `running`, `exited`, … */
  readonly state: string;
  /** `healthy`, `starting`, `unhealthy`, or `none` without a health check. */
  readonly health: string;
  /** When its process was started, as Docker writes it: another value means another process. */
  readonly startedAt: string;
  /** How its process ended the last time; 0 while the first one runs. */
  readonly exitCode: number;
  /** How often Docker has started it again. */
  readonly restarts: number;
  /** What the last health check printed. */
  readonly lastCheck: string;
}

/** What Docker has under a stack's label, by kind. Images go by the repository name, which holds the stack's. */
export interface Holdings {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  readonly images: readonly string[];
}

/** What is read of `docker container inspect`. */
const inspected = z.array(
  z.object({
    Name: z.string(),
    RestartCount: z.int(),
    State: z.object({
      Status: z.string(),
      ExitCode: z.int(),
      StartedAt: z.string(),
      Health: z
        .object({ Status: z.string(), Log: z.array(z.object({ Output: z.string() })).nullish() })
        .optional(),
    }),
    HostConfig: z.object({ NetworkMode: z.string() }),
    Config: z.object({ Labels: z.record(z.string(), z.string()) }),
  }),
);

/** Lines that the docker command prints. @throws ToolchainError with what it said */
export async function docker(env: Env, ...args: string[]): Promise<string[]> {
  const result = await attempt("docker", args, { env });
  if (result.failed) {
    throw new ToolchainError(
      `docker ${args.slice(0, 3).join(" ")} failed: ${result.stderr.trim()}`,
      "./scripts/doctor",
    );
  }
  return result.stdout.split("\n").filter((line) => line !== "");
}

/** What Docker tells of containers, as far as the schema of that list has it. @throws ToolchainError with what it said */
export async function inspectContainers<T>(
  env: Env,
  schema: z.ZodType<T>,
  ...names: readonly string[]
): Promise<T> {
  return schema.parse(JSON.parse((await docker(env, "container", "inspect", ...names)).join("\n")));
}

/** The containers of a stack on all engines of the lab. */
export async function labContainers(engines: readonly LabEngine[], stack: string): Promise<LabContainer[]> {
  return (await Promise.all(engines.map((engine) => containersOn(engine, stack)))).flat();
}

async function containersOn(engine: LabEngine, stack: string): Promise<LabContainer[]> {
  const { env } = engine;
  const labels = { "edgelab.project": PROJECT, "edgelab.stack": stack };
  const filters = Object.entries(labels).flatMap(([name, value]) => ["--filter", `label=${name}=${value}`]);
  const ids = await docker(env, "container", "ls", "-aq", ...filters);
  if (ids.length === 0) return [];
  return (await inspectContainers(env, inspected, ...ids)).map(
    ({ Name, RestartCount, State, Config, HostConfig }) => ({
      engine,
      name: Name.replace(/^\//, ""),
      pipeline: Config.Labels["edgelab.pipeline"] ?? "",
      role: Config.Labels["edgelab.role"] ?? "",
      network: HostConfig.NetworkMode,
      state: State.Status,
      health: State.Health?.Status ?? "none",
      startedAt: State.StartedAt,
      exitCode: State.ExitCode,
      restarts: RestartCount,
      lastCheck: State.Health?.Log?.at(-1)?.Output ?? "",
    }),
  );
}

/** Everything of a stack, running or not. */
export async function holdings(env: Env, stack: string): Promise<Holdings> {
  const label = ["--filter", `label=edgelab.stack=${stack}`];
  const [containers, networks, volumes, images] = await Promise.all([
    docker(env, "container", "ls", "-a", "--format", "{{.Names}}", ...label),
    docker(env, "network", "ls", "--format", "{{.Name}}", ...label),
    docker(env, "volume", "ls", "--format", "{{.Name}}", ...label),
    docker(env, "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", `edgelab-${stack}/*`),
  ]);
  return { containers, networks, volumes, images };
}

/** A container's last log lines since it was started, for people, both streams in the order they came. */
export async function lastLogLines(
  { name, engine, startedAt }: Pick<LabContainer, "name" | "engine" | "startedAt">,
  lines: number,
): Promise<string[]> {
  const args = ["logs", "--since", startedAt, "--tail", String(lines), name];
  const { all } = await attempt("docker", args, { env: engine.env, all: true });
  return all.trimEnd().split("\n").map(readableLine);
}
