import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Env } from "./run.ts";

/** Where settings are looked for: the user's environment and home, and this checkout's private folder. */
export interface SettingsPlace {
  readonly env: Env;
  readonly project: string;
}

/**
 * Whether the user has a Pulumi backend of their own: named in the environment, or logged in to.
 * Then neither our backend nor our passphrase is used.
 */
export function hasOwnBackend({ env }: SettingsPlace): boolean {
  if (env.PULUMI_BACKEND_URL || env.PULUMI_ACCESS_TOKEN) return true;
  return isLoggedIn(env.PULUMI_HOME || join(env.HOME || homedir(), ".pulumi"));
}

/** Whether PULUMI_HOME is this checkout's own, into which we may put what we like. */
export function hasOwnHome(place: SettingsPlace): boolean {
  return !place.env.PULUMI_HOME && !hasOwnBackend(place);
}

/** PULUMI_HOME: the user's, the default one of a user who is logged in there, or this checkout's. */
export function pulumiHome(place: SettingsPlace): string {
  if (place.env.PULUMI_HOME) return place.env.PULUMI_HOME;
  if (hasOwnBackend(place)) return join(place.env.HOME || homedir(), ".pulumi");
  return join(place.project, "pulumi-home");
}

/** Where our own backend keeps stacks: in this checkout, or where EDGELAB_STATE says (tests keep theirs apart). */
export function stateFolder({ env, project }: SettingsPlace): string {
  return env.EDGELAB_STATE ? resolve(env.EDGELAB_STATE) : join(project, "state");
}

/**
 * The PULUMI_* variables we set. Whatever the user has set is left out, so theirs wins.
 * The fallback keeps the passphrase's salt in the state instead of in Pulumi.<stack>.yaml, which is in git.
 */
export function pulumiSettings(place: SettingsPlace): Record<string, string> {
  const settings: Record<string, string> = {
    PULUMI_HOME: pulumiHome(place),
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  if (!hasOwnBackend(place)) {
    settings.PULUMI_BACKEND_URL = pathToFileURL(stateFolder(place)).href;
    settings.PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER = "true";
    const hasPassphrase =
      place.env.PULUMI_CONFIG_PASSPHRASE !== undefined || place.env.PULUMI_CONFIG_PASSPHRASE_FILE;
    if (!hasPassphrase) settings.PULUMI_CONFIG_PASSPHRASE_FILE = join(place.project, "passphrase");
  }
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !place.env[name]));
}

function isLoggedIn(home: string): boolean {
  try {
    const credentials: unknown = JSON.parse(readFileSync(join(home, "credentials.json"), "utf8"));
    return (
      typeof credentials === "object" &&
      credentials !== null &&
      "current" in credentials &&
      !!credentials.current
    );
  } catch {
    // No file, or not one that Pulumi could use either.
    return false;
  }
}
