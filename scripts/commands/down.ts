import { type Removal, removeBuildCache } from "../lab/build-cache.ts";
import { docker, type Holdings, holdings } from "../lab/docker.ts";
import { machinesOf } from "../lab/machines.ts";
import { silentHosts } from "../lab/reachable.ts";
import { leaveCommands, retainVolumes } from "../lab/retain.ts";
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

  const kept = keepData ? (await holdings(context.env, stack)).volumes : [];
  const pulumi = await pulumiIfThere();
  const destroyed = await withoutSalt(context.root, true, () =>
    destroy(context.root, stack, keepData, pulumi),
  );
  const left = await removeStrays(context.env, stack, keepData);
  if (!destroyed && left.length === 0) say(`The stack ${stack} is not up.`);
  if (left.length > 0) say(`Removed what no stack knew of: ${left.join(", ")}`);

  const rest = await holdings(context.env, stack);
  const unexpected = [
    ...rest.containers,
    ...rest.networks,
    ...rest.images,
    ...(keepData ? [] : rest.volumes),
  ];
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
  if (kept.length > 0)
    say(`Kept: ${rest.volumes.join(", ")}\n  remove them with: docker volume rm ${rest.volumes.join(" ")}`);
  if (!values.all)
    say(
      `Kept for the next time: the base image, Docker's build cache (--all removes them), and ${context.cache}`,
    );
  return 0;

  /** Without a CLI (the cache was deleted, say) strays are still removed by their label. */
  async function pulumiIfThere(): Promise<PulumiEnvironment | undefined> {
    return (await findPulumi(context)).cli === undefined
      ? undefined
      : environment(context, await targetOf(context.root, stack));
  }
});

/** Destroys the stack and forgets it; false when there is none. Its config file stays. */
async function destroy(
  root: string,
  stack: string,
  keepData: boolean,
  pulumi: PulumiEnvironment | undefined,
): Promise<boolean> {
  if (pulumi === undefined || !(await stackExists(pulumi, root, stack))) return false;
  const options = { cwd: root, env: pulumi.env };
  const isLocal = (await targetOf(root, stack)) === "local";
  const state = await exportState(root, stack, pulumi);
  const kept = keepData ? retainVolumes(state).state : state;
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
  return true;
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

/** Removes what carries the stack's label though no state names it: a killed `up` can leave that. */
async function removeStrays(env: Env, stack: string, keepVolumes: boolean): Promise<string[]> {
  const { containers, networks, volumes, images }: Holdings = await holdings(env, stack);
  const strays = [...containers, ...networks, ...(keepVolumes ? [] : volumes), ...images];
  if (containers.length > 0) await docker(env, "container", "rm", "--force", "--volumes", ...containers);
  if (networks.length > 0) await docker(env, "network", "rm", ...networks);
  if (volumes.length > 0 && !keepVolumes) await docker(env, "volume", "rm", ...volumes);
  // The layers stay as build cache: the next up needs no network.
  if (images.length > 0) await docker(env, "image", "rm", "--no-prune", ...images);
  return strays;
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
