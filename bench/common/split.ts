import { LAB_LABEL } from "../../lib/docker/holdings.ts";
import { readUsage, useBetween } from "../../scripts/latency/usage.ts";
import type { Env } from "../../scripts/toolchain/run.ts";
import { likenesses } from "./containers.ts";
import { engineCpuMs, threadCpuMs } from "./cpu.ts";

/** Processor time of one window, ms, by who used it. */
export type Split = ReadonlyMap<string, number>;

interface Reading {
  readonly usage: Awaited<ReturnType<typeof readUsage>>;
  readonly engineMs: number;
  /** By container. */
  readonly threads: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** Where a measurement of processor time begins; {@link splitSince} tells what was used since. */
export async function readSplit(env: Env, stack: string): Promise<Reading> {
  const containers = await likenesses(env, stack);
  const threads = new Map(
    containers.filter(({ pid }) => pid > 0).map(({ name, pid }) => [name, threadCpuMs(pid)]),
  );
  const lab = containers[0]?.lab[LAB_LABEL] ?? "";
  const usage = await readUsage([{ host: "local", env, lab }]);
  return { usage, threads, engineMs: engineCpuMs() };
}

/**
 * @param pipeline whose containers are told apart by what their threads do
 * @param seconds since the reading
 */
export async function splitSince(
  env: Env,
  stack: string,
  before: Reading,
  { pipeline: measured, seconds }: { readonly pipeline: string; readonly seconds: number },
): Promise<Split> {
  const after = await readSplit(env, stack);
  const containers = new Map((await likenesses(env, stack)).map((each) => [each.name, each]));
  const split = new Map<string, number>([["Docker's engine", after.engineMs - before.engineMs]]);
  const add = (part: string, ms: number) => split.set(part, (split.get(part) ?? 0) + ms);
  for (const { name, cores } of useBetween(before.usage, after.usage)) {
    const { pipeline, role } = containers.get(name) ?? { pipeline: "", role: "" };
    const ms = cores * seconds * 1000;
    if (pipeline !== measured) {
      add(labelOf(pipeline, role), ms);
      continue;
    }
    let own = 0;
    for (const [thread, atEnd] of after.threads.get(name) ?? []) {
      const used = atEnd - (before.threads.get(name)?.get(thread) ?? 0);
      add(`${role}: ${partOf(thread)}`, used);
      own += used;
    }
    // The control group counts what was started for health checks too, and counts finer than threads do.
    add(`${role}: health checks`, Math.max(0, ms - own));
  }
  return split;
}

const labelOf = (pipeline: string, role: string): string =>
  role === "broker" || role === "database" ? `${role}s` : `other: ${pipeline} ${role}`;

/** What a thread does, by its name. */
export function partOf(thread: string): string {
  if (thread.startsWith("rdk:")) return "Kafka client";
  if (/^(node|MainThread|python3?)/.test(thread)) return "main thread";
  if (/^(V8|DelayedTask)/.test(thread)) return "V8's threads";
  if (thread.startsWith("libuv")) return "thread pool";
  return "other threads";
}

/** What a pipeline took without brokers and without what has nothing to do with it, ms. */
export function appMs(split: Split): number {
  return [...split].reduce((sum, [part, ms]) => (/^(brokers|other: )/.test(part) ? sum : sum + ms), 0);
}
