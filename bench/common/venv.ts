import { join } from "node:path";
import { ToolchainError } from "../../scripts/toolchain/errors.ts";
import type { Context } from "../../scripts/toolchain/part.ts";
import { attempt } from "../../scripts/toolchain/run.ts";

/**
 * Makes a virtual environment with what the peer of a bench needs, bench/peers/<bench>/requirements.txt, in the cache.
 * @param what the packages are, for progress
 * @param without how to run the bench without the peer, where it can be
 * @returns its Python
 * @throws ToolchainError when there is no Python or pip cannot install
 */
export async function preparePeer(
  { cache, env, progress }: Pick<Context, "cache" | "env" | "progress">,
  { bench, what, without }: { readonly bench: string; readonly what: string; readonly without?: string },
): Promise<string> {
  const folder = join(cache, "bench", `${bench}-peer-venv`);
  const python = join(folder, "bin/python");
  const requirements = join(import.meta.dirname, "../peers", bench, "requirements.txt");
  const run = async (file: string, ...args: string[]) => {
    const { failed, stderr } = await attempt(file, args, { env });
    if (!failed) return;
    throw new ToolchainError(
      `${file} ${args.join(" ")}: ${stderr.trim().split("\n").at(-1)}`,
      `apt-get install -y python3-venv${without === undefined ? "" : `   # or leave the peer out: ${without}`}`,
    );
  };
  await progress.step(`installing ${what}`, async () => {
    await run("python3", "-m", "venv", folder);
    await run(python, "-m", "pip", "install", "--quiet", "--requirement", requirements);
  });
  return python;
}
