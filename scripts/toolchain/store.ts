import { randomUUID } from "node:crypto";
import { access, chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ToolchainError } from "./errors.ts";
import { attempt } from "./run.ts";

/**
 * Makes a cache entry so that it is either wholly there or not at all: `make` fills a temporary
 * directory beside it, which is renamed when finished. An entry that exists is left as it is.
 */
export async function entry(dir: string, make: (temporary: string) => Promise<void>): Promise<string> {
  if (await exists(dir)) return dir;
  await mkdir(dirname(dir), { recursive: true });
  const temporary = await mkdtemp(`${dir}.tmp-`);
  try {
    await make(temporary);
    await chmod(temporary, 0o755);
    await rename(temporary, dir);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return dir;
}

/**
 * Fills a folder of the checkout from the cache. Its `.key` file is removed first and written last, so that
 * an interrupted copy is never taken for a whole one.
 * @param items entry name → file or directory in the cache
 */
export async function fill(
  folder: string,
  key: string,
  items: Readonly<Record<string, string>>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await rm(join(folder, ".key"), { force: true });
  for (const [name, source] of Object.entries(items)) {
    const temporary = join(folder, `.new-${name}`);
    await rm(temporary, { recursive: true, force: true });
    await copyTree(source, temporary);
    await rm(join(folder, name), { recursive: true, force: true });
    await rename(temporary, join(folder, name));
  }
  await writeAtomically(join(folder, ".key"), `${key}\n`);
}

/** The key a folder was filled from, or undefined when it never was, or not to the end. */
export async function keyOf(folder: string): Promise<string | undefined> {
  return (await readIfThere(join(folder, ".key")))?.trim();
}

export async function writeAtomically(file: string, content: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.tmp-${randomUUID()}`;
  await writeFile(temporary, content, { mode });
  await rename(temporary, file);
}

export async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Hard links where the file system allows it (the trees are large and only ever replaced), a copy elsewhere. */
async function copyTree(source: string, target: string): Promise<void> {
  if (!(await attempt("cp", ["-al", source, target])).failed) return;
  await rm(target, { recursive: true, force: true });
  const copied = await attempt("cp", ["-a", source, target]);
  if (copied.failed) {
    throw new ToolchainError(
      `cannot copy ${source}: ${copied.stderr.trim()}`,
      `make room in ${dirname(target)}`,
    );
  }
}
