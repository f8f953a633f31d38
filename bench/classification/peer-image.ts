import { cp, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { docker } from "../../scripts/lab/docker.ts";
import { ToolchainError } from "../../scripts/toolchain/errors.ts";
import type { Context } from "../../scripts/toolchain/part.ts";
import { recordFile } from "../../scripts/toolchain/parts/base.ts";
import { attempt } from "../../scripts/toolchain/run.ts";
import type { Likeness } from "./containers.ts";

/** Debian 13's. */
const pythonVersion = "3.13";
const tag = "edgelab-bench/classification-peer";

/**
 * Builds the peers' image on the lab's base, with the very model and images of the lab's own containers.
 * @returns its tag
 * @throws ToolchainError when pip cannot fetch the packages or Docker cannot build
 */
export async function buildPeerImage(context: Context, lab: readonly Likeness[]): Promise<string> {
  const sources = join(context.root, "bench/peers/classification");
  const folder = join(context.cache, "bench", "classification-peer");
  const stage = join(folder, "stage");
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(sources)) await cp(join(sources, name), join(folder, name));
  await context.progress.step("fetching the Python packages", () => fetchPackages(context, folder, stage));
  for (const [role, path] of [
    ["classifier", "model"],
    ["producer", "data"],
  ]) {
    const container = lab.find((each) => each.pipeline === "classification" && each.role === role);
    await rm(join(folder, path ?? ""), { recursive: true, force: true });
    await docker(context.env, "cp", `${container?.name}:/${path}`, join(folder, path ?? ""));
  }
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
