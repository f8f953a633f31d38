import { setTimeout as after } from "node:timers/promises";
import { messageOf } from "../../apps/common/errors.ts";
import type { WatchedCounter } from "../../lib/shown.ts";
import { ToolchainError } from "../toolchain/errors.ts";
import type { Progress } from "../toolchain/progress.ts";
import type { LabEngine } from "./access.ts";
import { type LabContainer, labContainers, lastLogLines } from "./docker.ts";
import { counterOf, type LabOutputs } from "./queries.ts";
import { Replicas } from "./replicas.ts";

const POLL_MS = 1_000;
const LOG_LINES = 25;

/** One thing that must become true, and the roles of the containers to look at while it is not. */
interface Stage {
  readonly what: string;
  /** Left out for whatever is not healthy. */
  readonly roles?: readonly string[];
  /** Undefined when it is so, else what is seen instead. */
  ask(): Promise<string | undefined>;
}

/** What a watched counter did while it was looked at. */
export interface Flow extends WatchedCounter {
  /** Its last value. */
  readonly count: number;
  /** How fast it grew, a second; 0 where its service lacks what it needs. */
  readonly rate: number;
}

/**
 * Waits until data really flow: all containers healthy, and every counter that pipelines name growing while we watch, so
 * that what an earlier run left behind proves nothing. A service that is healthy but lacks something from outside, a
 * camera that is off for one, keeps no lab from being up: that is told as a warning.
 *
 * @throws ToolchainError that names the stage that is stuck and shows its containers' last log lines
 */
export async function awaitFlow(
  engines: readonly LabEngine[],
  stack: string,
  { watched }: LabOutputs,
  progress: Progress,
  timeoutMs = 180_000,
): Promise<readonly Flow[]> {
  const growths = watched.map((each) => growth(engines, stack, each));
  const deadline = performance.now() + timeoutMs;
  for (const stage of [health(engines), ...growths]) {
    await progress.step(`waiting until ${stage.what}`, () =>
      until(engines, stack, stage, deadline, timeoutMs),
    );
  }
  return growths.map(({ seen }) => seen());
}

/** Waits until these containers are healthy. @throws ToolchainError with the last log lines of those that are not */
export async function awaitHealthy(
  engines: readonly LabEngine[],
  stack: string,
  names: readonly string[],
  timeoutMs = 180_000,
): Promise<void> {
  const stage = health(engines, names);
  await until(engines, stack, stage, performance.now() + timeoutMs, timeoutMs);
}

/** Waits until every replica of the lab's topics is in sync. @throws ToolchainError with the brokers' last log lines */
export async function awaitReplicas(
  engines: readonly LabEngine[],
  stack: string,
  { bootstrapServers, topics }: Pick<LabOutputs, "bootstrapServers" | "topics">,
  timeoutMs = 180_000,
): Promise<void> {
  const replicas = new Replicas(bootstrapServers.split(","));
  const stage = {
    what: "every replica is in sync",
    roles: ["broker"],
    ask: () =>
      replicas.behind(topics).then(
        (behind) => (behind.length === 0 ? undefined : `${behind.join(", ")} are not`),
        (error: unknown) => messageOf(error),
      ),
  };
  try {
    await until(engines, stack, stage, performance.now() + timeoutMs, timeoutMs);
  } finally {
    await replicas.close();
  }
}

async function until(
  engines: readonly LabEngine[],
  stack: string,
  stage: Stage,
  deadline: number,
  timeoutMs: number,
): Promise<void> {
  for (;;) {
    const instead = await stage.ask();
    if (instead === undefined) return;
    if (performance.now() > deadline) throw await stuck(engines, stack, stage, instead, timeoutMs);
    await after(POLL_MS);
  }
}

/**
 * The providers look at a container's health when they make it, and only then.
 *
 * @param only names of the containers that matter; all of them when left out
 */
function health(engines: readonly LabEngine[], only?: readonly string[]): Stage {
  return {
    what: only === undefined ? "all containers are healthy" : `${only.join(", ")} are healthy`,
    async ask() {
      const all = (await labContainers(engines)).filter(({ name }) => only?.includes(name) ?? true);
      const sick = all.filter((container) => !isWell(container));
      if (all.length > 0 && sick.length === 0) return undefined;
      return all.length === 0
        ? "there is no container"
        : sick.map(({ name, state, health }) => `${name}: ${state}, ${health}`).join("; ");
    },
  };
}

const isWell = ({ health }: LabContainer): boolean => health === "healthy";

/** A look at a counter: its value, and the time in milliseconds. */
interface Look {
  readonly count: number;
  readonly at: number;
}

function growth(
  engines: readonly LabEngine[],
  stack: string,
  watched: WatchedCounter,
): Stage & { seen(): Flow } {
  const { service, role, counter } = watched;
  let first: Look | undefined;
  let last: Look | undefined;
  return {
    what: `${counter} of ${service} grows`,
    roles: [role],
    async ask() {
      const count = await counterOf(watched);
      if (count === undefined) return `${watched.url} does not answer`;
      last = { count, at: performance.now() };
      first ??= last;
      if (count > first.count) return undefined;
      const lacks = (await labContainers(engines)).some(
        ({ name, health, lastCheck }) =>
          name.endsWith(`-${stack}-${service}`) && health === "healthy" && lastCheck.trim() !== "",
      );
      return lacks ? undefined : `it stays at ${count}`;
    },
    seen() {
      if (first === undefined || last === undefined) return { ...watched, count: 0, rate: 0 };
      const seconds = (last.at - first.at) / 1000;
      return { ...watched, count: last.count, rate: seconds > 0 ? (last.count - first.count) / seconds : 0 };
    },
  };
}

async function stuck(
  engines: readonly LabEngine[],
  stack: string,
  stage: Stage,
  instead: string,
  timeoutMs: number,
): Promise<ToolchainError> {
  const { roles } = stage;
  const concerned = (await labContainers(engines)).filter((container) =>
    roles === undefined ? !isWell(container) : roles.includes(container.role),
  );
  const logs = await Promise.all(
    concerned.map(async (container) => {
      const { name, state, health, engine } = container;
      const lines = await lastLogLines(container, LOG_LINES);
      return [`--- ${name} on ${engine.host} (${state}, ${health}), last lines:`, ...lines].join("\n");
    }),
  );
  return new ToolchainError(
    [`waited ${timeoutMs / 1000} s until ${stage.what}, but ${instead}`, ...logs].join("\n"),
    `read the lines above, then ./scripts/up ${stack} again; or start afresh with ./scripts/down ${stack}`,
  );
}
