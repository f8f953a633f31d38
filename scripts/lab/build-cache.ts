import { attempt, type Env } from "../toolchain/run.ts";
import { docker } from "./docker.ts";

interface ImageLayers {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly RootFS: { readonly Layers?: readonly string[] };
}

/**
 * Removes the base images and the untagged layers that were built on them (the legacy builder's cache).
 * Images of stacks that are still up keep their tags and what is below them. Returns how many were removed.
 */
export async function removeBuildCache(env: Env): Promise<number> {
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
