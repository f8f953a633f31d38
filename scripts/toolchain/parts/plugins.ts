import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { ToolchainError } from "../errors.ts";
import { type Context, type Healthy, healthy, logFile, type Missing, missing, type Part } from "../part.ts";
import { isExecutable, logged, which } from "../run.ts";
import { pulumiHome } from "../settings.ts";
import { DOCKER_PLUGIN_VERSION, PULUMI_VERSION } from "../versions.ts";
import { findPulumi, type PulumiCli } from "./pulumi.ts";

const PLUGIN_HOST = "https://get.pulumi.com";
const INSTALL_MS = 180_000;
const PLACE = "docker plugin";

/** A plugin and the folder to put on PATH for it; none when the CLI finds it by itself. */
export interface PluginPlace {
  readonly folder: string | undefined;
  readonly version: string;
  readonly source: string;
  readonly standin: boolean;
}

/** The Node language host: beside the CLI or on PATH → our stand-in. */
export const languageHostPart: Part = {
  name: "language host",
  needs: ["pulumi CLI"],
  async find(context) {
    const { cli } = await findPulumi(context);
    if (cli === undefined) return missing("comes after the Pulumi CLI");
    return describe(await findLanguageHost(context, cli));
  },
  async get() {
    throw new ToolchainError(
      "no Node language host, and scripts/toolchain/standins/nodejs is gone",
      "git checkout scripts",
    );
  },
};

/** The Docker resource plugin: PULUMI_HOME → `pulumi plugin install` → our stand-in. */
export const dockerPluginPart: Part = {
  name: "docker plugin",
  needs: ["pulumi CLI"],

  async find(context) {
    const place = await findDockerPlugin(context);
    if (place === undefined)
      return missing("no docker plugin, and no stand-in for it", "git checkout scripts");
    // A stand-in does while the official plugin is known to be out of reach; otherwise setup tries for that.
    if (place.standin && !(await context.network.isRefused(PLACE)))
      return missing("the official plugin was not tried for yet");
    return describe(place);
  },

  async get(context) {
    if (await installPlugin(context, DOCKER)) return;
    await context.network.refuse(PLACE);
    const place = await findDockerPlugin(context);
    if (place === undefined)
      throw new ToolchainError("no docker plugin, and no stand-in for it", "git checkout scripts");
  },
};

export async function findLanguageHost(context: Context, cli: PulumiCli): Promise<PluginPlace | undefined> {
  const name = "pulumi-language-nodejs";
  if (await isExecutable(join(dirname(cli.file), name))) {
    return { folder: undefined, version: cli.version, source: "with the CLI", standin: false };
  }
  const onPath = await which(name, context.env.PATH ?? "", [standin(context, "nodejs")]);
  if (onPath !== undefined)
    return { folder: undefined, version: "", source: `on PATH (${onPath})`, standin: false };
  return findStandin(context, "nodejs", name);
}

export async function findDockerPlugin(context: Context): Promise<PluginPlace | undefined> {
  const found = await findPlugin(context, DOCKER, [standin(context, "docker")]);
  return found ?? findStandin(context, "docker", "pulumi-resource-docker");
}

/** A resource plugin as the npm package of its SDK wants it. */
export interface PluginWanted {
  readonly kind: string;
  readonly version: string;
}

const DOCKER: PluginWanted = { kind: "docker", version: DOCKER_PLUGIN_VERSION };

/**
 * A plugin that Pulumi or the user has installed.
 * @param except folders on PATH that do not count
 */
export async function findPlugin(
  context: Context,
  { kind, version }: PluginWanted,
  except: readonly string[] = [],
): Promise<PluginPlace | undefined> {
  const name = `pulumi-resource-${kind}`;
  const folder = `plugins/resource-${kind}-v${version}`;
  const home = join(pulumiHome(context), folder);
  if (await isExecutable(join(home, name))) {
    return { folder: undefined, version, source: "in PULUMI_HOME", standin: false };
  }
  const users = join(context.env.HOME ?? homedir(), ".pulumi", folder);
  if (await isExecutable(join(users, name)))
    return { folder: users, version, source: "in ~/.pulumi", standin: false };
  const onPath = await which(name, context.env.PATH ?? "", except);
  if (onPath === undefined) return undefined;
  return { folder: undefined, version: "", source: `on PATH (${onPath})`, standin: false };
}

/** Downloads the official plugin. @returns false where it cannot be had */
export async function installPlugin(context: Context, { kind, version }: PluginWanted): Promise<boolean> {
  const { cli } = await findPulumi(context);
  if (cli === undefined || !(await context.network.answers(PLUGIN_HOST))) return false;
  const env = { ...context.env, PULUMI_HOME: pulumiHome(context), PULUMI_SKIP_UPDATE_CHECK: "true" };
  const args = ["plugin", "install", "resource", kind, version];
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

async function findStandin(context: Context, folder: string, name: string): Promise<PluginPlace | undefined> {
  const path = standin(context, folder);
  if (!(await isExecutable(join(path, name)))) return undefined;
  const version = folder === "docker" ? DOCKER_PLUGIN_VERSION : PULUMI_VERSION;
  return { folder: path, version, source: "stand-in", standin: true };
}

function standin({ root }: Context, folder: string): string {
  return join(root, "scripts/toolchain/standins", folder);
}

export function describe(place: PluginPlace | undefined): Healthy | Missing {
  if (place === undefined) return missing("not found, and its stand-in is gone", "git checkout scripts");
  return healthy(place.version || "?", place.source);
}
