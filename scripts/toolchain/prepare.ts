import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { formatSeconds } from "../../lib/table.ts";
import { runGraph, type Task } from "./graph.ts";
import { withLock } from "./lock.ts";
import type { Context, Healthy, Missing, Part } from "./part.ts";
import { PARTS } from "./parts/all.ts";
import { Stretches } from "./stretches.ts";

/** A part and what was found of it. */
export interface Finding {
  readonly part: Part;
  readonly state: Healthy | Missing;
}

/** The building of Pulumi is long and waits on the network at first, so more steps than cores is right. */
const AT_ONCE = 4;
const PACKAGES = "system packages";

/** Looks at every part. Changes nothing. */
export function findAll(context: Context, parts: readonly Part[] = PARTS): Promise<Finding[]> {
  return Promise.all(parts.map(async (part) => ({ part, state: await part.find(context) })));
}

/**
 * Gets whatever is missing. One process does so at a time (others wait and then find everything there);
 * when nothing is missing no lock is taken.
 *
 * @param stretches what is got is taken down there
 */
export async function prepare(
  context: Context,
  label: string,
  parts: readonly Part[] = PARTS,
  stretches: Stretches = new Stretches(),
): Promise<Finding[]> {
  const found = await findAll(context, parts);
  if (found.every(({ state }) => state.healthy)) return found;
  const onWait = (holder: string): void =>
    context.progress.say(`waiting for ${holder}, which is setting things up`);
  return withLock(join(context.cache, "lock"), label, onWait, () => getMissing(context, parts, stretches));
}

async function getMissing(
  context: Context,
  parts: readonly Part[],
  stretches: Stretches,
): Promise<Finding[]> {
  const started = performance.now();
  await sweep(context.cache);
  const found = await findAll(context, parts);
  const lacking = found.filter(({ state }) => !state.healthy).map(({ part }) => part);
  // Whoever had the lock before us may have got it all.
  if (lacking.length === 0) return found;
  context.progress.say(`getting ${lacking.map((part) => part.name).join(", ")}`);
  const tasks = (await plan(context, lacking)).map((task) => ({
    ...task,
    run: () => stretches.of(task.name, task.run),
  }));
  await runGraph(tasks, AT_ONCE);
  const after = await findAll(context, parts);
  context.progress.say(`everything is there, after ${formatSeconds((performance.now() - started) / 1000)}`);
  return after;
}

/** One task for each lacking part, after one that installs all the Debian packages that they are sure to want. */
async function plan(context: Context, lacking: readonly Part[]): Promise<Task[]> {
  const names = new Set(lacking.map((part) => part.name));
  const wanted = await Promise.all(
    lacking.map(async (part) => ({ part, packages: (await part.packages?.(context)) ?? [] })),
  );
  const all = wanted.flatMap(({ packages }) => packages);
  const tasks = wanted.map(({ part, packages }): Task => {
    const needs = part.needs.filter((need) => names.has(need));
    return {
      name: part.name,
      needs: packages.length > 0 ? [...needs, PACKAGES] : needs,
      run: async () => {
        // An earlier task may have brought this part too, as the engine may hold the base image.
        if ((await part.find(context)).healthy) return;
        await part.get(context);
        const state = await part.find(context);
        if (!state.healthy) throw new Error(`${part.name} was got, but then: ${state.what}`);
        context.progress.say(`  ${part.name}: ${state.version}, ${state.source}`);
      },
    };
  });
  if (all.length === 0) return tasks;
  return [{ name: PACKAGES, needs: [], run: () => context.apt.install(all) }, ...tasks];
}

/** Removes what an interrupted run left half made; called under the lock, so nobody is still making it. */
async function sweep(cache: string): Promise<void> {
  for (const folder of [cache, join(cache, "base")]) {
    const names = await readdir(folder).catch(() => []);
    const left = names.filter((name) => name.includes(".tmp-"));
    await Promise.all(left.map((name) => rm(join(folder, name), { recursive: true, force: true })));
  }
}
