import { randomBytes } from "node:crypto";
import { chmod, link, mkdir, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { createContext } from "./context.ts";
import { ToolchainError } from "./errors.ts";
import type { Context } from "./part.ts";
import { findOpenstackPlugin } from "./parts/openstack.ts";
import { findCommandPlugin, findDockerPlugin, findLanguageHost } from "./parts/plugins.ts";
import { findPulumi } from "./parts/pulumi.ts";
import { makeKnown } from "./plugin-place.ts";
import { hasOwnBackend, pulumiHome, pulumiSettings, type SettingsPlace, stateFolder } from "./settings.ts";

/** Everything needed to run the CLI as the project does. */
export interface PulumiEnvironment {
  /** The CLI's path. */
  readonly pulumi: string;
  /** The whole environment for it and for what it starts. */
  readonly env: Record<string, string>;
  /** Whether state and passphrase are the checkout's own, rather than the user's backend. */
  readonly own: boolean;
}

/**
 * The environment in which `pulumi` runs: backend, passphrase, home, and a PATH with Node 24, and whatever
 * stands in for plugins that are not there. Makes the private folder (mode 700) and the passphrase (600) if need be.
 * @param target where the stack's lab runs; all targets' plugins are there when it is left out
 * @throws ToolchainError when there is no CLI yet
 */
export async function environment(
  context: Context = createContext(),
  target?: string,
): Promise<PulumiEnvironment> {
  const { cli } = await findPulumi(context);
  if (cli === undefined) throw new ToolchainError("there is no Pulumi CLI yet", "./scripts/setup");
  const plugins = await Promise.all([
    findLanguageHost(context, cli),
    findDockerPlugin(context),
    findCommandPlugin(context),
    ...(target === undefined || target === "openstack" ? [findOpenstackPlugin(context)] : []),
  ]);
  const own = !hasOwnBackend(context);
  if (own) await ensureProject(context);
  await mkdir(pulumiHome(context), { recursive: true });
  const pluginFolders = await Promise.all(
    plugins.filter((place) => place !== undefined).map((place) => makeKnown(context, place)),
  );
  const folders = [
    join(context.root, "node_modules/node/bin"),
    ...pluginFolders,
    dirname(cli.file),
    context.env.PATH,
  ];
  const path = [...new Set(folders.filter((folder) => folder !== undefined))].join(delimiter);
  const env = { ...definedOnly(context.env), ...pulumiSettings(context), PATH: path };
  return { pulumi: cli.file, env, own };
}

/** Makes `.edgelab` with its state folder and passphrase, readable by their owner only. */
export async function ensureProject(place: SettingsPlace): Promise<void> {
  const { project } = place;
  await mkdir(project, { recursive: true, mode: 0o700 });
  await mkdir(stateFolder(place), { recursive: true, mode: 0o700 });
  await chmod(project, 0o700);
  const file = join(project, "passphrase");
  const temporary = `${file}.tmp-${randomBytes(6).toString("hex")}`;
  await writeFile(temporary, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600 });
  // A hard link is made only if the name is free: of two runs at once, one passphrase wins and stays.
  await link(temporary, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  await rm(temporary);
}

function definedOnly(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
