import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { ToolchainError } from "../errors.ts";
import { contentKey } from "../keys.ts";
import { type Context, healthy, logFile, missing, type Part } from "../part.ts";
import { placeOf, pullImage } from "../pull.ts";
import { attempt, logged, output, which } from "../run.ts";
import { exists, readIfThere, writeAtomically } from "../store.ts";

/** The image that all others start from; the same Debian release whether it is pulled or made here. */
const UPSTREAM = "debian:trixie-slim";
const SUITE = "trixie";
/** As in the image that is pulled: no translations of package lists, and no flush to disk for each file of a package. */
const RECIPE = [
  "--variant=minbase",
  "--include=ca-certificates",
  '--aptopt=Acquire::Languages "none"',
  "--dpkgopt=force-unsafe-io",
];
const PLACE = placeOf(UPSTREAM);

/** The base image: in Docker → from the cache's tar → pulled → made by mmdebstrap. */
export const basePart: Part = {
  name: "base image",
  needs: ["docker engine"],

  async find(context) {
    const tag = await chosenTag(context);
    if (tag === undefined) return missing("no base image");
    if (!(await inDocker(context, tag))) return missing(`${tag} is not in Docker`);
    const recorded = (await readIfThere(recordFile(context)))?.trim();
    if (recorded !== tag) return missing(`${recordFile(context)} does not name it`);
    const source = await label(context, tag);
    return healthy(tag.split(":")[1] ?? tag, source);
  },

  async packages(context) {
    if ((await chosenTag(context)) !== undefined || !(await context.network.isRefused(PLACE))) return [];
    return (await which("mmdebstrap", context.env.PATH ?? "")) === undefined ? MAKER : [];
  },

  async get(context) {
    const tag = (await restore(context)) ?? (await pull(context)) ?? (await make(context));
    await save(context, tag);
    await writeAtomically(join(context.cache, "base", "chosen"), `${tag}\n`);
    await writeAtomically(recordFile(context), `${tag}\n`);
  },
};

const MAKER = ["mmdebstrap", "debian-archive-keyring"];

/** Where infra reads the tag of the base image. */
export function recordFile({ project }: Pick<Context, "project">): string {
  return join(project, "base-image");
}

/** The tag chosen once for this checkout, else for this cache: it stays, so that images are not rebuilt over it. */
async function chosenTag(context: Context): Promise<string | undefined> {
  const tag =
    (await readIfThere(recordFile(context))) ?? (await readIfThere(join(context.cache, "base", "chosen")));
  return tag?.trim();
}

async function inDocker({ env }: Context, tag: string): Promise<boolean> {
  return !(await attempt("docker", ["image", "inspect", tag], { env })).failed;
}

async function label({ env }: Context, tag: string): Promise<string> {
  const format = '{{index .Config.Labels "edgelab.source"}}';
  return (
    (await output("docker", ["image", "inspect", "--format", format, tag], { env })) || `pulled (${UPSTREAM})`
  );
}

/** Gives Docker the image back from the cache, without any network. */
async function restore(context: Context): Promise<string | undefined> {
  const tag = await chosenTag(context);
  if (tag === undefined) return undefined;
  if (await inDocker(context, tag)) return tag;
  const tar = tarFile(context, tag);
  if (!(await exists(tar))) return undefined;
  await context.progress.step(`loading ${tag} from the cache`, () =>
    logged(logFile(context, "base"), "docker", ["load", "-i", tar], {
      env: context.env,
      fix: `rm ${tar} && ./scripts/setup`,
    }),
  );
  return tag;
}

/** Pulls the image and names it after the digest the registry gave. Undefined where no registry answers. */
async function pull(context: Context): Promise<string | undefined> {
  const digest = await pullImage(context, UPSTREAM);
  if (digest === undefined) return undefined;
  const tag = `edgelab/base:${SUITE}-${digest}`;
  await logged(logFile(context, "base"), "docker", ["tag", UPSTREAM, tag], { env: context.env });
  return tag;
}

async function make(context: Context): Promise<string> {
  if ((await which("mmdebstrap", context.env.PATH ?? "")) === undefined) await context.apt.install(MAKER);
  const tag = `edgelab/base:${SUITE}-${contentKey({ suite: SUITE, recipe: RECIPE.join(" ") })}`;
  await context.progress.step("making the base image with mmdebstrap", async () => {
    const root = join(context.cache, "base", `root.tmp-${process.pid}.tar`);
    await mkdir(dirname(root), { recursive: true });
    try {
      await logged(logFile(context, "base"), "mmdebstrap", [...RECIPE, SUITE, root], {
        env: context.env,
        fix: `check that the Debian mirror is reachable (log: ${logFile(context, "base")}), then ./scripts/setup`,
      });
      const changes = ["-c", "LABEL edgelab.source=mmdebstrap", "-c", 'CMD ["bash"]'];
      await logged(logFile(context, "base"), "docker", ["import", ...changes, root, tag], {
        env: context.env,
      });
    } finally {
      await rm(root, { force: true });
    }
  });
  return tag;
}

async function save(context: Context, tag: string): Promise<void> {
  const tar = tarFile(context, tag);
  if (await exists(tar)) return;
  await mkdir(dirname(tar), { recursive: true });
  const temporary = `${tar}.tmp-${process.pid}`;
  await context.progress
    .step("keeping the base image in the cache", async () => {
      const child = spawn("docker", ["save", tag], {
        env: { ...context.env },
        stdio: ["ignore", "pipe", "inherit"],
      });
      const ended = new Promise((resolve) => child.once("close", resolve));
      await pipeline(child.stdout, createWriteStream(temporary));
      if ((await ended) !== 0)
        throw new ToolchainError(`docker save ${tag} failed`, `make room in ${context.cache}`);
      await rename(temporary, tar);
    })
    .finally(() => rm(temporary, { force: true }));
}

function tarFile(context: Context, tag: string): string {
  return join(context.cache, "base", `${tag.replace(/[/:]/g, "_")}.tar`);
}
