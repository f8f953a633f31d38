import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Files that never reach an image: see .dockerignore, which must say the same. */
const ignored = (name: string) =>
  ["node_modules", "stage", "testing"].includes(name) || name.endsWith(".test.ts");

/** Every file below `path` (or `path` itself), relative to `root`, sorted, so that a walk is the same everywhere. */
function filesBelow(root: string, path: string): string[] {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path))
    .filter((name) => !ignored(name))
    .sort()
    .flatMap((name) => filesBelow(root, join(path, name)));
}

/**
 * SHA-256 over the names and contents of the given files and folders, as 12 hexadecimal digits. Ignores what
 * .dockerignore ignores, times and permissions, so the same sources have the same key on every machine.
 *
 * @param extra further text that the content depends on, such as a build argument
 * @throws when a path is absent
 */
export function contentKey(root: string, paths: readonly string[], extra: readonly string[] = []): string {
  const hash = createHash("sha256");
  for (const file of paths.flatMap((path) => filesBelow(root, path))) {
    const content = readFileSync(join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  for (const text of extra) hash.update(`${text.length}\0${text}`);
  return hash.digest("hex").slice(0, 12);
}

/**
 * The context paths that a Dockerfile copies, in order: the sources of each COPY that has no `--from`.
 * Reading them from the Dockerfile itself keeps an image's key true to what is in the image.
 *
 * @throws on a wildcard or on COPY's JSON form, which would need Docker's own rules to resolve
 */
export function copiedPaths(dockerfile: string): string[] {
  return dockerfile
    .replaceAll("\\\n", " ")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([instruction]) => instruction?.toUpperCase() === "COPY")
    .filter((words) => !words.some((word) => word.startsWith("--from=")))
    .flatMap((words) => words.slice(1, -1).filter((word) => !word.startsWith("--")))
    .map((path) => {
      if (/[*?[]/.test(path)) throw new Error(`COPY ${path}: name the files, a pattern cannot be keyed`);
      return path.replace(/^\.\//, "").replace(/\/$/, "");
    });
}
