import { docker } from "./lab-docker.ts";
import { capture, type Env } from "./run.ts";

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
  let removed = 0;
  for (;;) {
    const mine = ownImages(await allImages(env));
    let progress = 0;
    for (const name of mine) {
      // One that others are built on is refused; its turn comes when they are gone.
      if ((await capture("docker", ["image", "rm", name], { env })).code === 0) progress += 1;
    }
    removed += progress;
    if (progress === 0) return removed;
  }
}

/** The base tags, and the ids of untagged images whose lowest layer is a base's. */
export function ownImages(images: readonly ImageLayers[]): string[] {
  const bases = images.filter((image) => image.RepoTags?.some((tag) => tag.startsWith("edgelab/base:")));
  const lowest = new Set(
    bases.map((image) => image.RootFS.Layers?.[0]).filter((layer) => layer !== undefined),
  );
  const untagged = images.filter((image) => (image.RepoTags ?? []).length === 0);
  const cached = untagged.filter((image) => lowest.has(image.RootFS.Layers?.[0] ?? ""));
  const tags = bases
    .flatMap((image) => image.RepoTags ?? [])
    .filter((tag) => tag.startsWith("edgelab/base:"));
  return [...cached.map((image) => image.Id), ...tags];
}

async function allImages(env: Env): Promise<ImageLayers[]> {
  const ids = [...new Set(await docker(env, "image", "ls", "-aq", "--no-trunc"))];
  if (ids.length === 0) return [];
  const result = await capture("docker", ["image", "inspect", ...ids], { env });
  return result.code === 0 ? (JSON.parse(result.stdout) as ImageLayers[]) : [];
}
