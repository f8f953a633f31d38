/**
 * Watches a lab under whatever load its config gives it: health, processor time and memory of each container, with the
 * slope of the memory; then stops what the load comes from and measures the same at rest. The lab is on this machine.
 */
import { pause } from "../../apps/common/retry.ts";
import type { LabEngine } from "../../scripts/lab/access.ts";
import { docker, type LabContainer, labContainers } from "../../scripts/lab/docker.ts";
import { labOutputs } from "../../scripts/lab/queries.ts";
import { type Reading, readUsage, useBetween } from "../../scripts/latency/usage.ts";
import { createContext } from "../../scripts/toolchain/context.ts";
import { environment } from "../../scripts/toolchain/environment.ts";
import { runMain, ToolchainError } from "../../scripts/toolchain/errors.ts";
import { interruption } from "../../scripts/toolchain/interruption.ts";
import type { Context } from "../../scripts/toolchain/part.ts";
import { likenesses } from "../common/containers.ts";
import { engineCpuMs } from "../common/cpu.ts";
import { type Options, parseOptions } from "./options.ts";
import { type Rest, report, type Watched } from "./report.ts";

const sampleEveryMs = 15_000;
/** From the stop of the last source to the measurement at rest: what is under way comes to its end, ms. */
const settleMs = 30_000;

await runMain(async () => {
  const options = parseOptions(process.argv.slice(2));
  const context = createContext();
  const { lab } = await labOutputs(await environment(context), context.root, options.stack);
  const engines = [{ host: "local", lab, env: context.env }];
  const signal = interruption();
  const watched = await watch(context, engines, options, signal);
  const rest = options.restSeconds === 0 ? undefined : await atRest(context, engines, options, signal);
  process.stdout.write(`\n${report(watched, rest)}\n`);
  return watched.troubles.length === 0 ? 0 : 1;
});

async function watch(
  { env, progress }: Context,
  engines: readonly LabEngine[],
  { stack, minutes }: Options,
  signal: AbortSignal,
): Promise<Watched> {
  const limits = new Map((await likenesses(env, stack)).map(({ name, memoryBytes }) => [name, memoryBytes]));
  const first = await labContainers(engines);
  const troubles = new Set<string>();
  const readings: Reading[][] = [];
  const engineBefore = engineCpuMs();
  const startMs = performance.now();
  const endMs = startMs + minutes * 60_000;
  await progress.step(`watching ${first.length} containers for ${minutes} min`, async () => {
    for (;;) {
      readings.push(await readUsage(engines));
      for (const trouble of troublesOf(first, await labContainers(engines))) troubles.add(trouble);
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) return;
      await pause(Math.min(sampleEveryMs, leftMs), signal);
    }
  });
  const engineCores = (engineCpuMs() - engineBefore) / (performance.now() - startMs);
  return { readings, limits, troubles: [...troubles], engineCores };
}

/** What is wrong with containers, and which of them are not the ones that were there first. */
function troublesOf(first: readonly LabContainer[], now: readonly LabContainer[]): string[] {
  const byName = new Map(now.map((container) => [container.name, container]));
  return first.flatMap(({ name, startedAt }) => {
    const container = byName.get(name);
    if (container === undefined) return [`${name}: gone`];
    if (container.startedAt !== startedAt) return [`${name}: started again`];
    const isWell = container.state === "running" && ["healthy", "none"].includes(container.health);
    return isWell ? [] : [`${name}: ${container.state}, ${container.health}: ${container.lastCheck.trim()}`];
  });
}

async function atRest(
  { env, progress }: Context,
  engines: readonly LabEngine[],
  { restSeconds, sources }: Options,
  signal: AbortSignal,
): Promise<Rest> {
  const containers = await labContainers(engines);
  const names = containers.filter(({ role }) => sources.includes(role)).map(({ name }) => name);
  if (names.length === 0) {
    throw new ToolchainError(`no service of the lab is a source (${sources.join(", ")})`, "--sources ROLE,…");
  }
  await docker(env, "stop", ...names);
  try {
    await progress.step("letting what is under way come to its end", () => pause(settleMs, signal));
    const before = await readUsage(engines);
    const [engineBefore, startMs] = [engineCpuMs(), performance.now()];
    await progress.step(`measuring at rest for ${restSeconds} s`, () => pause(restSeconds * 1000, signal));
    const used = useBetween(before, await readUsage(engines));
    return { used, engineCores: (engineCpuMs() - engineBefore) / (performance.now() - startMs) };
  } finally {
    await docker(env, "start", ...names);
  }
}
