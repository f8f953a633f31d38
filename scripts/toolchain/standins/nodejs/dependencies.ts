import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";

export interface Dependency {
  readonly name: string;
  readonly version: string;
}

const manifest = z.looseObject({
  version: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
  devDependencies: z.record(z.string(), z.string()).optional(),
});

function readManifest(path: string) {
  return manifest.parse(JSON.parse(readFileSync(path, "utf8")));
}

/** The installed version of a package, found as Node would from `directory` upwards; undefined when absent. */
export function versionOf(directory: string, name: string): string | undefined {
  try {
    return readManifest(join(directory, "node_modules", name, "package.json")).version;
  } catch (error) {
    const parent = dirname(directory);
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    return parent === directory ? undefined : versionOf(parent, name);
  }
}

/** The program's direct dependencies: installed versions, or the wanted range of one not installed. */
export function dependencies(directory: string): Dependency[] {
  const { dependencies = {}, devDependencies = {} } = readManifest(join(directory, "package.json"));
  return Object.entries({ ...devDependencies, ...dependencies })
    .map(([name, range]) => ({ name, version: versionOf(directory, name) ?? range }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
