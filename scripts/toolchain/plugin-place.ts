import { lstat, mkdir, readlink, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Context } from "./part.ts";
import { hasOwnHome, pulumiHome } from "./settings.ts";

/** A plugin that was found. */
export interface PluginPlace {
  /** The executable. */
  readonly file: string;
  /** Whether the CLI finds it by itself. */
  readonly known: boolean;
  /** Undefined where only the plugin itself can tell. */
  readonly version: string | undefined;
  /** Where it is, in a few words. */
  readonly source: string;
  readonly standin: boolean;
}

/**
 * Makes a plugin known to the CLI: by a link in PULUMI_HOME where that is this checkout's own, in the layout in which
 * Pulumi installs plugins. Nothing is put into a home of the user's: there a folder must be put on PATH, on which Pulumi
 * takes a plugin before any other but warns of it.
 * @returns that folder, or undefined
 */
export async function makeKnown(context: Context, place: PluginPlace): Promise<string | undefined> {
  const { file, known, version } = place;
  if (known) return undefined;
  if (!hasOwnHome(context) || version === undefined) return dirname(file);
  const link = linkOf(context, basename(file).replace(/^pulumi-/, ""), version);
  if ((await readlink(link).catch(() => undefined)) === file) return undefined;
  await mkdir(dirname(link), { recursive: true });
  // Another run may be using it: the name never stands for nothing.
  const temporary = `${link}.tmp-${process.pid}`;
  await rm(temporary, { force: true });
  await symlink(file, temporary);
  await rename(temporary, link);
  return undefined;
}

/** Whether a file in PULUMI_HOME is but a link that {@link makeKnown} has made. */
export async function isLinked(context: Context, file: string): Promise<boolean> {
  return hasOwnHome(context) && (await lstat(file)).isSymbolicLink();
}

/** Takes the link away again, so that the plugin can be installed in its place. */
export async function unlinkPlugin(context: Context, name: string, version: string): Promise<void> {
  const link = linkOf(context, name, version);
  const found = await lstat(link).catch(() => undefined);
  if (found !== undefined && (await isLinked(context, link))) await rm(dirname(link), { recursive: true });
}

/** @param name `resource-docker`, `language-nodejs` */
function linkOf(context: Context, name: string, version: string): string {
  return join(pulumiHome(context), "plugins", `${name}-v${version}`, `pulumi-${name}`);
}
