import { setTimeout as after } from "node:timers/promises";
import { messageOf } from "../../apps/common/errors.ts";
import type { WatchedCounter } from "../../lib/shown.ts";
import { ToolchainError } from "../toolchain/errors.ts";
import type { Progress } from "../toolchain/progress.ts";
import type { LabEngine } from "./access.ts";
import { type LabContainer, labContainers, lastLogLines } from "./docker.ts";
import { KafkaState } from "./kafka-state.ts";
import { Patience } from "./patience.ts";
import { counterOf, type LabOutputs } from "./queries.ts";

const POLL_MS = 1_000;
const LOG_LINES = 25;
/** What comes nearer is waited for; what does not is told after the first of these, whatever comes after the second. */
const patience = { stillMs: 180_000, longestMs: 900_000, now: () => performance.now() } as const;

/** What is seen while something is not yet as it must be. */
interface Lack {
  readonly seen: string;
  /** How much is missing, in whatever unit. */
  readonly left: number;
}

/** One thing that must become true, and the roles of the containers to look at while it is not. */
interface Stage {
  readonly what: string;
  /** Left out for whatever is not healthy. */
  readonly roles?: readonly string[];
  /** Undefined when it is so. */
  ask(): Promise<Lack | undefined>;
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
  { watched, consumers, bootstrapServers }: LabOutputs,
  progress: Progress,
): Promise<readonly Flow[]> {
  const kafka = new KafkaState(bootstrapServers.split(","));
  // Where there are messages to work off, what is watched comes after them; Kafka that cannot be asked is no nearer.
  const backlog = () => kafka.backlog(consumers).catch(() => Number.POSITIVE_INFINITY);
  const growths = watched.map((each) => growth(engines, stack, each, backlog));
  try {
    for (const stage of [health(engines), ...growths]) {
      await progress.step(`waiting until ${stage.what}`, () => until(engines, stack, stage));
    }
  } finally {
    await kafka.close();
  }
  return growths.map(({ seen }) => seen());
}

/** Waits until these containers are healthy. @throws ToolchainError with the last log lines of those that are not */
export async function awaitHealthy(
  engines: readonly LabEngine[],
  stack: string,
  names: readonly string[],
): Promise<void> {
  await until(engines, stack, health(engines, names));
}

/** Waits until every replica of the lab's topics is in sync. @throws ToolchainError with the brokers' last log lines */
export async function awaitReplicas(
  engines: readonly LabEngine[],
  stack: string,
  { bootstrapServers, topics }: Pick<LabOutputs, "bootstrapServers" | "topics">,
): Promise<void> {
  const kafka = new KafkaState(bootstrapServers.split(","));
  const stage = {
    what: "every replica is in sync",
    roles: ["broker"],
    ask: () =>
      kafka.behind(topics).then(
        (behind) =>
          behind.length === 0 ? undefined : { seen: `${behind.join(", ")} are not`, left: behind.length },
        (error: unknown) => ({ seen: messageOf(error), left: Number.POSITIVE_INFINITY }),
      ),
  };
  try {
    await until(engines, stack, stage);
  } finally {
    await kafka.close();
  }
}

async function until(engines: readonly LabEngine[], stack: string, stage: Stage): Promise<void> {
  const waiting = new Patience(patience);
  for (;;) {
    const lack = await stage.ask();
    if (lack === undefined) return;
    if (waiting.hasEnd(lack.left)) throw await stuck(engines, stack, stage, lack.seen, waiting.waitedMs);
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
      if (all.length === 0) return { seen: "there is no container", left: Number.POSITIVE_INFINITY };
      if (sick.length === 0) return undefined;
      const seen = sick.map(({ name, state, health }) => `${name}: ${state}, ${health}`).join("; ");
      return { seen, left: sick.length };
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
  backlog: () => Promise<number>,
): Stage & { seen(): Flow } {
  const { service, role, counter } = watched;
  let first: Look | undefined;
  let last: Look | undefined;
  return {
    what: `${counter} of ${service} grows`,
    roles: [role],
    async ask() {
      const count = await counterOf(watched);
      if (count === undefined) {
        return { seen: `${watched.url} does not answer`, left: Number.POSITIVE_INFINITY };
      }
      last = { count, at: performance.now() };
      first ??= last;
      if (count > first.count) return undefined;
      const lacks = (await labContainers(engines)).some(
        ({ name, health, lastCheck }) =>
          name.endsWith(`-${stack}-${service}`) && health === "healthy" && lastCheck.trim() !== "",
      );
      return lacks ? undefined : { seen: `it stays at ${count}`, left: await backlog() };
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
  waitedMs: number,
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
    [`waited ${Math.round(waitedMs / 1000)} s until ${stage.what}, but ${instead}`, ...logs].join("\n"),
    `read the lines above, then ./scripts/up ${stack} again; or start afresh with ./scripts/down ${stack}`,
  );
}
