import { join } from "node:path";
import { ToolchainError } from "../../scripts/toolchain/errors.ts";
import type { Progress } from "../../scripts/toolchain/progress.ts";
import { attempt } from "../../scripts/toolchain/run.ts";

/**
 * Makes a virtual environment with what the peer needs, in the cache.
 * @returns its Python
 * @throws ToolchainError when there is no Python or pip cannot install
 */
export async function preparePeer(cache: string, progress: Progress): Promise<string> {
  const folder = join(cache, "bench", "video-peer");
  const python = join(folder, "bin/python");
  const requirements = join(import.meta.dirname, "../peers/video/requirements.txt");
  const run = async (file: string, ...args: string[]) => {
    const { failed, stderr } = await attempt(file, args);
    if (!failed) return;
    throw new ToolchainError(
      `${file} ${args.join(" ")}: ${stderr.trim().split("\n").at(-1)}`,
      "apt-get install -y python3-venv   # or leave the peer out: ./bench/video/run --no-peer",
    );
  };
  await progress.step("installing OpenCV and kafka-python", async () => {
    await run("python3", "-m", "venv", folder);
    await run(python, "-m", "pip", "install", "--quiet", "--requirement", requirements);
  });
  return python;
}
