import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { attempt, type Env } from "../toolchain/run.ts";
import { type BuildRecord, buildRecord, marksOf, type OwnBuilds, ownRecords } from "./build-records.ts";
import { docker } from "./docker.ts";
import { engineApi } from "./engine-api.ts";

interface ImageLayers {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly RootFS: { readonly Layers?: readonly string[] };
  readonly Config?: { readonly Labels?: Readonly<Record<string, string>> | null };
}

/** What was removed, and what of Docker's build cache is left. */
export interface Removal {
  readonly images: number;
  readonly records: number;
  readonly bytes: number;
  readonly left: { readonly records: number; readonly bytes: number };
}

/**
 * Removes what the builds of the lab's images have left on an engine: the base images, and in the build cache what is the
 * lab's for certain, see {@link ownRecords}. Images of stacks that are still up keep what they are made of.
 *
 * @param root of the checkout, whose Dockerfiles tell what is the lab's
 * @throws ToolchainError when the engine refuses
 */
export async function removeBuildCache(env: Env, root: string): Promise<Removal> {
  const marks = await ownMarks(root);
  const madeHere = basesMadeHere(await allImages(env));
  const before = await buildRecords(env);
  const images = await removeImages(env);
  const after = await buildRecords(env);
  return {
    images,
    ...(await removeOwnRecords(env, { marks, bases: madeHere ? letGo(before, after) : new Set() })),
  };
}

/** Removes records of the build cache one by one, each by its id. */
export async function removeOwnRecords(env: Env, own: OwnBuilds): Promise<Omit<Removal, "images">> {
  let bytes = 0;
  const chosen = ownRecords(await buildRecords(env), own);
  for (const { ID } of chosen) bytes += await prune(env, ID);
  const left = await buildRecords(env);
  const ids = new Set(left.map(({ ID }) => ID));
  return {
    records: chosen.filter(({ ID }) => !ids.has(ID)).length,
    bytes,
    // What is the layer of an image is the image's to remove.
    left: sum(left.filter(({ Shared }) => !Shared)),
  };
}

/** The steps by which the layers of a checkout's images are known. */
async function ownMarks(root: string): Promise<Set<string>> {
  const marks = new Set<string>();
  for await (const file of glob("images/*/Dockerfile", { cwd: root })) {
    for (const mark of marksOf(await readFile(join(root, file), "utf8"))) marks.add(mark);
  }
  return marks;
}

const usage = z.object({ BuildCache: z.array(buildRecord).nullish() });
const pruned = z.object({ SpaceReclaimed: z.number() });

/** The whole build cache of an engine. */
export async function buildRecords(env: Env): Promise<BuildRecord[]> {
  return usage.parse(await engineApi(env, "GET", "/system/df?type=build-cache")).BuildCache ?? [];
}

async function prune(env: Env, id: string): Promise<number> {
  const filters = encodeURIComponent(JSON.stringify({ id: [`^${id}$`] }));
  return pruned.parse(await engineApi(env, "POST", `/build/prune?all=true&filters=${filters}`))
    .SpaceReclaimed;
}

/** Records that were an image's layer before, and are no image's now. */
export function letGo(before: readonly BuildRecord[], after: readonly BuildRecord[]): Set<string> {
  const shared = new Set(before.filter(({ Shared }) => Shared).map(({ ID }) => ID));
  return new Set(after.filter(({ ID, Shared }) => !Shared && shared.has(ID)).map(({ ID }) => ID));
}

function sum(records: readonly BuildRecord[]): Removal["left"] {
  return { records: records.length, bytes: records.reduce((bytes, { Size }) => bytes + Size, 0) };
}

/**
 * Removes the base images and the untagged layers that were built on them (the legacy builder's cache).
 * Images of stacks that are still up keep their tags and what is below them. Returns how many were removed.
 */
async function removeImages(env: Env): Promise<number> {
  // The base's tags go last: while they are there, they tell which untagged images are its.
  const layers = await removeRounds(env, (images) => ownImages(images).cached);
  return layers + (await removeRounds(env, (images) => ownImages(images).bases));
}

/** Removes in rounds: an image that others are built on is refused, and its turn comes when they are gone. */
async function removeRounds(env: Env, choose: (images: readonly ImageLayers[]) => string[]): Promise<number> {
  for (let removed = 0; ; ) {
    let progress = 0;
    for (const name of choose(await allImages(env))) {
      if (!(await attempt("docker", ["image", "rm", name], { env })).failed) progress += 1;
    }
    if (progress === 0) return removed;
    removed += progress;
  }
}

/** Whether the bases were all made on this machine, so that nobody else has images of the same layer. */
export function basesMadeHere(images: readonly ImageLayers[]): boolean {
  const tags = new Set(ownImages(images).bases);
  const bases = images.filter(({ RepoTags }) => RepoTags?.some((tag) => tags.has(tag)));
  return bases.every(({ Config }) => Config?.Labels?.["edgelab.source"] === "mmdebstrap");
}

/** The base's tags, and the ids of untagged images whose lowest layer is a base's. */
export function ownImages(images: readonly ImageLayers[]): { bases: string[]; cached: string[] } {
  const isBase = (tag: string) => tag.startsWith("edgelab/base:");
  const bases = images.filter((image) => image.RepoTags?.some(isBase));
  const lowest = new Set(
    bases.map((image) => image.RootFS.Layers?.[0]).filter((layer) => layer !== undefined),
  );
  const untagged = images.filter((image) => (image.RepoTags ?? []).length === 0);
  const cached = untagged.filter((image) => lowest.has(image.RootFS.Layers?.[0] ?? ""));
  return {
    bases: bases.flatMap((image) => image.RepoTags ?? []).filter(isBase),
    cached: cached.map((image) => image.Id),
  };
}

async function allImages(env: Env): Promise<ImageLayers[]> {
  const ids = [...new Set(await docker(env, "image", "ls", "-aq", "--no-trunc"))];
  if (ids.length === 0) return [];
  const result = await attempt("docker", ["image", "inspect", ...ids], { env });
  return result.failed ? [] : (JSON.parse(result.stdout) as ImageLayers[]);
}
