import type { Holding } from "../../lib/docker/holdings.ts";
import { describeOthers } from "../../lib/docker/others.ts";
import { notedLab } from "../../lib/lab-note.ts";
import { type Removal, removeBuildCache } from "../lab/build-cache.ts";
import { docker, holdings } from "../lab/docker.ts";
import { isBeforeIds, labIdOf, machinesOf } from "../lab/machines.ts";
import { silentHosts } from "../lab/reachable.ts";
import { leaveCommands, leaveNames, retainVolumes } from "../lab/retain.ts";
import { describeTakenDown } from "../lab/taken-down.ts";
import { stackArguments } from "../stack/arguments.ts";
import { configValue, targetOf } from "../stack/config.ts";
import { withoutSalt } from "../stack/config-files.ts";
import { stackExists } from "../stack/stack.ts";
import { createContext } from "../toolchain/context.ts";
import { environment, type PulumiEnvironment } from "../toolchain/environment.ts";
import { runMain, ToolchainError } from "../toolchain/errors.ts";
import { dockerPart } from "../toolchain/parts/docker.ts";
import { findPulumi } from "../toolchain/parts/pulumi.ts";
import { attempt, type Env, onTerminal } from "../toolchain/run.ts";

const USAGE = `./scripts/down [stack] [--keep-data] [--all]
--keep-data  leaves the volumes (Kafka's logs, PostgreSQL's tables) for the next ./scripts/up
--all        removes the base image and Docker's build cache of the lab too`;

const FLAG = { type: "boolean", default: false } as const;

await runMain(async () => {
  const { stack, values } = stackArguments(process.argv.slice(2), { "keep-data": FLAG, all: FLAG }, USAGE);
  const context = createContext();
  // A stack that is gone already can no longer tell.
  const keepData = values["keep-data"] || (await configValue(context.root, stack, "keepData")) === "true";
  const engine = await dockerPart.find(context);
  if (!engine.healthy) throw new ToolchainError(`cannot take the lab down: ${engine.what}`, engine.fix);

  const pulumi = await pulumiIfThere();
  const found = await holdings(context.env, stack);
  const { destroyed, lab } = await withoutSalt(context.root, true, () =>
    destroy(context.root, stack, keepData, pulumi, found),
  );
  const isOurs = (held: Holding) => held.lab === lab;
  const ours = async () => (await holdings(context.env, stack)).filter(isOurs);
  const left = await removeStrays(context.env, await ours(), keepData);
  if (!destroyed && left.length === 0) say(`The stack ${stack} is not up.`);
  if (left.length > 0) say(`Removed what no stack knew of: ${left.join(", ")}`);

  const rest = await ours();
  const kept = namesOf(rest.filter(({ kind }) => keepData && kind === "volume"));
  const unexpected = namesOf(rest).filter((name) => !kept.includes(name));
  if (unexpected.length > 0) {
    throw new ToolchainError(
      `still there: ${unexpected.join(", ")}`,
      "see what uses them with `docker ps -a`, then run this again",
    );
  }
  if (values.all) say(describeRemoval(await removeBuildCache(context.env, context.root)));
  say(
    `Nothing of the stack ${stack} is left: no container, network, ${keepData ? "" : "volume, "}image tag.`,
  );
  const others = describeOthers(found.filter((held) => !isOurs(held)));
  if (others !== undefined) say(`Left alone: ${others}.`);
  if (kept.length > 0)
    say(`Kept: ${kept.join(", ")}\n  remove them with: docker volume rm ${kept.join(" ")}`);
  if (!values.all)
    say(
      `Kept for the next time: the base image, Docker's build cache (--all removes them), and ${context.cache}`,
    );
  return 0;

  /** Without a CLI (the cache was deleted, say) strays are still removed by the id of the lab. */
  async function pulumiIfThere(): Promise<PulumiEnvironment | undefined> {
    return (await findPulumi(context)).cli === undefined
      ? undefined
      : environment(context, await targetOf(context.root, stack));
  }
});

/**
 * Destroys the stack and forgets it. Its config file stays.
 *
 * @param found what Docker has under the stack's name, of whichever lab
 * @returns whether there was one, and the id of its lab: empty where that was made before labs had ids, that of the last
 *   one of this checkout where there is no state, undefined where there never was one
 */
async function destroy(
  root: string,
  stack: string,
  keepData: boolean,
  pulumi: PulumiEnvironment | undefined,
  found: readonly Holding[],
): Promise<{ destroyed: boolean; lab: string | undefined }> {
  if (pulumi === undefined || !(await stackExists(pulumi, root, stack))) {
    return { destroyed: false, lab: await notedLab(root, stack) };
  }
  const options = { cwd: root, env: pulumi.env };
  const isLocal = (await targetOf(root, stack)) === "local";
  const state = await exportState(root, stack, pulumi);
  const lab = labIdOf(state) ?? (isBeforeIds(state) ? "" : await notedLab(root, stack));
  // The names of what was removed by hand may be another lab's by now.
  const own = leaveNames(state, namesOf(found.filter((held) => held.lab !== lab)));
  const kept = keepData ? retainVolumes(own).state : own;
  const table = describeTakenDown(kept, stack);
  if (table !== "") say(table);
  const changed = isLocal ? kept : await withoutSilentHosts(kept);
  if (changed !== state) await importState(root, stack, pulumi, changed);
  // Refreshed first: what was removed by hand must not make the destroying fail. What is on another machine goes with
  // that as a whole, and a machine that is dead could not be asked.
  const refresh = isLocal ? ["--refresh"] : [];
  const args = ["destroy", "--yes", "--skip-preview", ...refresh, "--stack", stack];
  const code = await onTerminal(pulumi.pulumi, args, options);
  if (code !== 0) {
    throw new ToolchainError(
      `pulumi destroy ended with ${code}`,
      `./scripts/pulumi cancel --yes --stack ${stack}; then ./scripts/down ${stack}`,
    );
  }
  const removed = await attempt(
    pulumi.pulumi,
    ["stack", "rm", "--yes", "--preserve-config", "--stack", stack],
    options,
  );
  if (removed.failed)
    throw new ToolchainError(
      `cannot remove the stack: ${removed.stderr.trim()}`,
      `./scripts/pulumi stack rm ${stack} --preserve-config`,
    );
  return { destroyed: true, lab };
}

/** A state in which nothing is to be undone by command on machines that do not answer; says what. */
async function withoutSilentHosts(state: string): Promise<string> {
  const silent = await silentHosts(machinesOf(state));
  const { state: changed, left } = leaveCommands(
    state,
    silent.map(({ host }) => host),
  );
  if (left.length === 0) return state;
  say(`These commands are not undone, as their machines do not answer: ${left.join(", ")}`);
  for (const { host, reason } of silent) say(`  ${host}: ${reason}`);
  return changed;
}

async function exportState(root: string, stack: string, pulumi: PulumiEnvironment): Promise<string> {
  const options = { cwd: root, env: pulumi.env };
  const exported = await attempt(pulumi.pulumi, ["stack", "export", "--stack", stack], options);
  if (exported.failed)
    throw new ToolchainError(`cannot export the state: ${exported.stderr.trim()}`, "./scripts/doctor");
  return exported.stdout;
}

/** Puts another state in the place of a stack's. */
async function importState(
  root: string,
  stack: string,
  pulumi: PulumiEnvironment,
  state: string,
): Promise<void> {
  const imported = await attempt(pulumi.pulumi, ["stack", "import", "--stack", stack], {
    cwd: root,
    env: pulumi.env,
    input: state,
  });
  if (imported.failed)
    throw new ToolchainError(`cannot change the state: ${imported.stderr.trim()}`, "./scripts/doctor");
}

/** Removes what carries the lab's id though no state names it: a killed `up` can leave that. */
async function removeStrays(env: Env, held: readonly Holding[], keepVolumes: boolean): Promise<string[]> {
  const strays = held.filter(({ kind }) => !(keepVolumes && kind === "volume"));
  // In this order: nothing needs what comes before it. Layers of images stay as build cache: the next up needs no network.
  const removals = [
    ["container", "--force", "--volumes"],
    ["network"],
    ["volume"],
    ["image", "--no-prune"],
  ] as const;
  for (const [kind, ...flags] of removals) {
    const names = namesOf(strays.filter((one) => one.kind === kind));
    if (names.length > 0) await docker(env, kind, "rm", ...flags, ...names);
  }
  return namesOf(strays);
}

function namesOf(held: readonly Holding[]): string[] {
  return held.map(({ name }) => name);
}

function describeRemoval({ images, records, bytes, left }: Removal): string {
  const done = `Removed ${images} images of the base, and ${records} records (${megabytes(bytes)}) of Docker's build cache.`;
  if (left.records === 0) return done;
  const kept = `Left in it: ${left.records} records (${megabytes(left.bytes)}) that may be other projects'`;
  return `${done}\n${kept}\n  remove all that no build uses with: docker builder prune --all`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
