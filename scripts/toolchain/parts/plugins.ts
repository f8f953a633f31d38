import { realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { ToolchainError } from "../errors.ts";
import { type Context, type Healthy, healthy, logFile, type Missing, missing, type Part } from "../part.ts";
import { isLinked, type PluginPlace, unlinkPlugin } from "../plugin-place.ts";
import { askVersion } from "../plugin-version.ts";
import { isExecutable, logged, which } from "../run.ts";
import { pulumiHome } from "../settings.ts";
import { COMMAND_PLUGIN_VERSION, DOCKER_PLUGIN_VERSION, PULUMI_VERSION } from "../versions.ts";
import { findPulumi, type PulumiCli } from "./pulumi.ts";

const PLUGIN_HOST = "https://get.pulumi.com";
const INSTALL_MS = 180_000;

/** The Node language host: on PATH or beside the CLI → our stand-in. */
export const languageHostPart: Part = {
  name: "language host",
  needs: ["pulumi CLI"],
  async find(context) {
    const { cli } = await findPulumi(context);
    if (cli === undefined) return missing("comes after the Pulumi CLI");
    return describe(context, await findLanguageHost(context, cli));
  },
  async get() {
    throw new ToolchainError(
      "no Node language host, and scripts/toolchain/standins/nodejs is gone",
      "git checkout scripts",
    );
  },
};

/** A resource plugin with a stand-in: on PATH or in PULUMI_HOME → `pulumi plugin install` → our stand-in. */
function pluginPart(wanted: PluginWanted): Part {
  const name = `${wanted.kind} plugin`;
  const gone = `no ${name}, and no stand-in for it`;
  return {
    name,
    needs: ["pulumi CLI"],

    async find(context) {
      const place = await findWithStandin(context, wanted);
      if (place === undefined) return missing(gone, "git checkout scripts");
      // A stand-in does while the official plugin is known to be out of reach; otherwise setup tries for that.
      if (place.standin && !(await context.network.isRefused(name)))
        return missing("the official plugin was not tried for yet");
      return describe(context, place);
    },

    async get(context) {
      if (await installPlugin(context, wanted)) return;
      await context.network.refuse(name);
      const place = await findWithStandin(context, wanted);
      if (place === undefined) throw new ToolchainError(gone, "git checkout scripts");
    },
  };
}

/** Looks where Pulumi does and in its order: PATH, on which the CLI's own folder is first, then beside the CLI's file. */
export async function findLanguageHost(context: Context, cli: PulumiCli): Promise<PluginPlace | undefined> {
  const name = "pulumi-language-nodejs";
  // The CLI on PATH may be a symbolic link; what was installed with it is beside the file that this leads to.
  const beside = join(dirname(await realpath(cli.file)), name);
  const path = [dirname(cli.file), context.env.PATH ?? ""].join(delimiter);
  const onPath = await which(name, path, [standin(context, "nodejs")]);
  const found = onPath ?? ((await isExecutable(beside)) ? beside : undefined);
  if (found === undefined) return findStandin(context, "nodejs", name, PULUMI_VERSION);
  if ((await realpath(found)) === (await realpath(beside).catch(() => undefined)))
    return { file: found, known: true, version: cli.version, source: "with the CLI", standin: false };
  return { file: found, known: true, version: undefined, source: `on PATH (${found})`, standin: false };
}

/** A resource plugin as the npm package of its SDK wants it. */
export interface PluginWanted {
  readonly kind: string;
  readonly version: string;
}

const docker: PluginWanted = { kind: "docker", version: DOCKER_PLUGIN_VERSION };
const command: PluginWanted = { kind: "command", version: COMMAND_PLUGIN_VERSION };

export const dockerPluginPart = pluginPart(docker);
export const commandPluginPart = pluginPart(command);

export const findDockerPlugin = (context: Context) => findWithStandin(context, docker);
export const findCommandPlugin = (context: Context) => findWithStandin(context, command);

async function findWithStandin(context: Context, wanted: PluginWanted): Promise<PluginPlace | undefined> {
  const { kind, version } = wanted;
  const found = await findPlugin(context, wanted, [standin(context, kind)]);
  return found ?? findStandin(context, kind, `pulumi-resource-${kind}`, version);
}

/**
 * A plugin that Pulumi or the user has installed, looked for in Pulumi's own order.
 * @param except folders on PATH that do not count
 */
export async function findPlugin(
  context: Context,
  { kind, version }: PluginWanted,
  except: readonly string[] = [],
): Promise<PluginPlace | undefined> {
  const name = `pulumi-resource-${kind}`;
  const installed = join("plugins", `resource-${kind}-v${version}`, name);
  const onPath = await which(name, context.env.PATH ?? "", except);
  if (onPath !== undefined)
    return { file: onPath, known: true, version: undefined, source: `on PATH (${onPath})`, standin: false };
  const home = join(pulumiHome(context), installed);
  if ((await isExecutable(home)) && !(await isLinked(context, home)))
    return { file: home, known: true, version, source: "in PULUMI_HOME", standin: false };
  const users = join(context.env.HOME ?? homedir(), ".pulumi", installed);
  if (await isExecutable(users))
    return { file: users, known: false, version, source: "in ~/.pulumi", standin: false };
  return undefined;
}

/** Downloads the official plugin. @returns false where it cannot be had */
export async function installPlugin(context: Context, { kind, version }: PluginWanted): Promise<boolean> {
  const { cli } = await findPulumi(context);
  if (cli === undefined || !(await context.network.answers(PLUGIN_HOST))) return false;
  const env = { ...context.env, PULUMI_HOME: pulumiHome(context), PULUMI_SKIP_UPDATE_CHECK: "true" };
  const args = ["plugin", "install", "resource", kind, version];
  // Pulumi would take a link for the plugin itself, and install nothing.
  await unlinkPlugin(context, `resource-${kind}`, version);
  try {
    await context.progress.step(`installing the ${kind} plugin`, () =>
      logged(logFile(context, "plugins"), cli.file, args, { env, timeout: INSTALL_MS }),
    );
    return true;
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    context.progress.say(`  the ${kind} plugin cannot be downloaded, another way is taken: ${why}`);
    return false;
  }
}

async function findStandin(
  context: Context,
  folder: string,
  name: string,
  version: string,
): Promise<PluginPlace | undefined> {
  const file = join(standin(context, folder), name);
  if (!(await isExecutable(file))) return undefined;
  return { file, known: false, version, source: "stand-in", standin: true };
}

function standin({ root }: Context, folder: string): string {
  return join(root, "scripts/toolchain/standins", folder);
}

export async function describe({ env }: Context, place: PluginPlace | undefined): Promise<Healthy | Missing> {
  if (place === undefined) return missing("not found, and its stand-in is gone", "git checkout scripts");
  const version = place.version ?? (await askVersion(place.file, env));
  if (version !== undefined) return healthy(version, place.source);
  return missing(
    `${place.file} does not say its version`,
    `install it anew, or take it off PATH: ${place.file}`,
  );
}
