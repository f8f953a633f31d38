import { z } from "zod";
import { type Holding, holdingsOf, LAB_LABEL } from "../../lib/docker/holdings.ts";
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

/**
 * The containers of a lab on all its engines. One that somebody runs from an image of the lab has the image's labels, and
 * is none of them.
 */
export async function labContainers(engines: readonly LabEngine[]): Promise<LabContainer[]> {
  return (await Promise.all(engines.map(containersOn))).flat();
}

async function containersOn(engine: LabEngine): Promise<LabContainer[]> {
  const { env, lab } = engine;
  const ofTheLab = ["--filter", `label=${LAB_LABEL}=${lab}`, "--filter", "label=edgelab.role"];
  const ids = await docker(env, "container", "ls", "-aq", ...ofTheLab);
  if (ids.length === 0) return [];
  return (await inspectThere(env, ids)).map(({ Name, RestartCount, State, Config, HostConfig }) => ({
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
  }));
}

/** Of those that went between being listed and being looked at, Docker tells that they are gone, and of the others all. */
async function inspectThere(env: Env, ids: readonly string[]): Promise<z.infer<typeof inspected>> {
  const { failed, stdout, stderr } = await attempt("docker", ["container", "inspect", ...ids], { env });
  const isGone = (line: string) => /no such container/i.test(line);
  if (failed && !stderr.trim().split("\n").every(isGone)) {
    throw new ToolchainError(`docker container inspect failed: ${stderr.trim()}`, "./scripts/doctor");
  }
  return inspected.parse(JSON.parse(stdout));
}

/** Everything that this machine's Docker has under a stack's name, running or not, whichever lab it belongs to. */
export async function holdings(env: Env, stack: string): Promise<Holding[]> {
  const run = async (args: readonly string[]) => {
    const { exitCode, stdout, stderr } = await attempt("docker", args, { env });
    return { code: exitCode ?? null, stdout, stderr };
  };
  return holdingsOf(run, PROJECT, stack);
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
