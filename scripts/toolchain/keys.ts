import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";

/** A cache key (16 hex digits of SHA-256) over named ingredients; a changed name, order or value changes it. */
export function contentKey(ingredients: Readonly<Record<string, string | Uint8Array>>): string {
  const hash = createHash("sha256");
  for (const [name, value] of Object.entries(ingredients)) {
    const bytes = Buffer.from(value);
    hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest("hex").slice(0, 16);
}

/** The key of some files, by their paths relative to `root` and their contents. */
export async function filesKey(root: string, files: readonly string[], recipe: string): Promise<string> {
  const sorted = [...files].sort();
  const contents = await Promise.all(sorted.map((file) => readFile(join(root, file))));
  const entries = sorted.map((file, index): [string, Uint8Array] => [
    file,
    contents[index] ?? Buffer.alloc(0),
  ]);
  return contentKey({ recipe, ...Object.fromEntries(entries) });
}

/**
 * A TypeScript entry file and every file that it imports by a relative path, directly or not,
 * as paths relative to `root`: what its output depends on, beside the installed packages.
 */
export async function sourceClosure(root: string, entry: string): Promise<string[]> {
  const seen = new Set<string>();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    waiting.push(...relativeImports(await readFile(join(root, file), "utf8"), file, root));
  }
  return [...seen].sort();
}

/** Whether two directories hold the same entry names; cheap proof that a copy was not half removed. */
export async function sameEntries(left: string, right: string): Promise<boolean> {
  const [ours, theirs] = await Promise.all([readdir(left), readdir(right)]);
  return ours.sort().join("\0") === theirs.sort().join("\0");
}

function relativeImports(source: string, file: string, root: string): string[] {
  const found = source.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*|new URL\(\s*)["'](\.\.?\/[^"']+\.ts)["']/g);
  const folder = dirname(resolve(root, file));
  return [...found].map((match) => relative(root, resolve(folder, match[1] ?? "")));
}
