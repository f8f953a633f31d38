import { cp, mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { docker } from "../../scripts/lab/docker.ts";
import { ToolchainError } from "../../scripts/toolchain/errors.ts";
import type { Context } from "../../scripts/toolchain/part.ts";
import { recordFile } from "../../scripts/toolchain/parts/base.ts";
import { attempt } from "../../scripts/toolchain/run.ts";

/** Debian 13's. */
const pythonVersion = "3.13";

/**
 * Builds the image of a bench's peers on the lab's base, from their sources in bench/peers.
 *
 * @param add puts what else the Dockerfile wants into its folder
 * @returns its tag
 * @throws ToolchainError when pip cannot fetch the packages or Docker cannot build
 */
export async function buildPeerImage(
  context: Context,
  bench: string,
  add: (folder: string) => Promise<void> = async () => {},
): Promise<string> {
  const sources = join(context.root, "bench/peers", bench);
  const folder = join(context.cache, "bench", `${bench}-peer`);
  const stage = join(folder, "stage");
  const tag = `edgelab-bench/${bench}-peer`;
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(sources)) await cp(join(sources, name), join(folder, name));
  await context.progress.step("fetching the Python packages", () => fetchPackages(context, folder, stage));
  await add(folder);
  const base = (await readFile(recordFile(context), "utf8")).trim();
  await context.progress.step("building the image of the Python peers", () =>
    docker(context.env, "build", "--quiet", `--build-arg=BASE=${base}`, `--tag=${tag}`, folder),
  );
  return tag;
}

async function fetchPackages(context: Context, folder: string, stage: string): Promise<void> {
  const platforms = ["manylinux_2_28", "manylinux_2_27", "manylinux_2_17", "manylinux2014"];
  const machine = context.arch === "arm64" ? "aarch64" : "x86_64";
  const result = await attempt(
    "python3",
    [
      ...["-m", "pip", "install", "--quiet", "--upgrade", "--target", stage, "--only-binary=:all:"],
      ...["--implementation", "cp", "--python-version", pythonVersion],
      ...platforms.flatMap((each) => ["--platform", `${each}_${machine}`]),
      ...["--requirement", join(folder, "requirements.txt")],
    ],
    { env: context.env },
  );
  if (!result.failed) return;
  throw new ToolchainError(
    `pip cannot fetch the peers' packages: ${result.stderr.trim().split("\n").at(-1)}`,
    "apt-get install -y python3-pip   # and see that PyPI can be reached",
  );
}
