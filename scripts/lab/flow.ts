import { setTimeout as after } from "node:timers/promises";
import { ToolchainError } from "../toolchain/errors.ts";
import type { Progress } from "../toolchain/progress.ts";
import type { LabEngine } from "./access.ts";
import { type LabContainer, labContainers, lastLogLines } from "./docker.ts";
import { cameraStates, isHealthy, type LabOutputs, type Recorded, recordedRows, samples } from "./queries.ts";

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

/** What flowed: counts at the end of the watch. */
export interface Flow {
  readonly rows: number;
  readonly results: number;
}

/**
 * Waits until data really flow: all containers healthy, results arriving back at the producer, rows growing in
 * PostgreSQL. Counts must grow while we watch, so that what an earlier run left behind proves nothing.
 * @throws ToolchainError that names the stage that is stuck and shows its containers' last log lines
 */
export async function awaitFlow(
  engines: readonly LabEngine[],
  stack: string,
  outputs: LabOutputs,
  progress: Progress,
  timeoutMs = 180_000,
): Promise<Flow | undefined> {
  const hasImages = outputs.producerUrls.length > 0;
  const stages = [
    health(engines, stack),
    ...(hasImages ? [results(outputs), rows(engines, stack)] : []),
    ...(outputs.videoProducerUrl === undefined ? [] : [frames(outputs.videoProducerUrl)]),
  ];
  const deadline = performance.now() + timeoutMs;
  for (const stage of stages) {
    await progress.step(`waiting until ${stage.what}`, () =>
      until(engines, stack, stage, deadline, timeoutMs),
    );
  }
  if (!hasImages) return undefined;
  const [recorded, back] = await Promise.all([recordedRows(engines, stack), samples(outputs)]);
  return { rows: recorded?.count ?? 0, results: back.length };
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

/** The providers look at a container's health when they make it, and only then. */
function health(engines: readonly LabEngine[], stack: string): Stage {
  return {
    what: "all containers are healthy",
    async ask() {
      const all = await labContainers(engines, stack);
      const sick = all.filter((container) => !isWell(container));
      if (all.length > 0 && sick.length === 0) return undefined;
      return all.length === 0
        ? "there is no container"
        : sick.map(({ name, state, health }) => `${name}: ${state}, ${health}`).join("; ");
    },
  };
}

const isWell = ({ health }: LabContainer): boolean => health === "healthy";

function results(outputs: LabOutputs): Stage {
  let first: string | undefined;
  return {
    what: "results arrive back at the producer",
    roles: ["producer", "classifier"],
    async ask() {
      const newest = (await samples(outputs)).at(-1)?.id;
      if (newest === undefined) return "the producer has had no result yet";
      first ??= newest;
      return newest === first ? `no result after ${first}` : undefined;
    },
  };
}

function rows(engines: readonly LabEngine[], stack: string): Stage {
  let first: Recorded | undefined;
  return {
    what: "rows appear in PostgreSQL",
    roles: ["recorder", "database"],
    async ask() {
      const now = await recordedRows(engines, stack);
      if (now === undefined) return "the view `classified` cannot be read yet";
      first ??= now;
      return now.count > first.count ? undefined : `the view \`classified\` stays at ${now.count} rows`;
    },
  };
}

/**
 * One camera will do: another one that is switched off must not keep a lab from being up. Nor must the only one, once the
 * producer has given it its time: that is told as a warning.
 */
function frames(url: string): Stage {
  let first: Map<string, number> | undefined;
  return {
    what: "frames of a camera reach Kafka",
    roles: ["camera", "producer"],
    async ask() {
      const cameras = await cameraStates(url);
      if (cameras === undefined) return `${url}/cameras does not answer`;
      first ??= new Map(cameras.map(({ name, nextSeq }) => [name, nextSeq]));
      if (cameras.some(({ name, nextSeq }) => nextSeq > (first?.get(name) ?? 0))) return undefined;
      if (cameras.every(({ capture }) => capture !== null) && (await isHealthy(url))) return undefined;
      return cameras
        .map(({ name, capture, sending }) => `${name}: ${capture ?? sending ?? "no frame"}`)
        .join("; ");
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
  const concerned = (await labContainers(engines, stack)).filter((container) =>
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
