import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Env } from "./run.ts";

/** The checkout this toolchain belongs to. */
export const ROOT = resolve(import.meta.dirname, "../..");

/** Where downloads and builds are kept, shared by all checkouts of this user. */
export function cacheDir(env: Env): string {
  if (env.EDGELAB_CACHE) return resolve(env.EDGELAB_CACHE);
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), ".cache"), "edgelab");
}

/** What belongs to this checkout alone and stays out of git: state, passphrase, model, data set. */
export function projectDir(root: string): string {
  return join(root, ".edgelab");
}
