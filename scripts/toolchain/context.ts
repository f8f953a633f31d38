import { Apt } from "./apt.ts";
import { Network } from "./network.ts";
import type { Context } from "./part.ts";
import { cacheDir, projectDir, ROOT } from "./paths.ts";
import { Progress } from "./progress.ts";
import type { Env } from "./run.ts";

/** The context of this checkout and environment. */
export function createContext(env: Env = process.env, root: string = ROOT): Context {
  const cache = cacheDir(env);
  const progress = new Progress();
  return {
    root,
    cache,
    project: projectDir(root),
    env,
    arch: process.arch,
    apt: new Apt(env, cache, progress),
    network: new Network(cache),
    progress,
  };
}
