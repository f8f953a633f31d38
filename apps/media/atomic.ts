import { mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { temporaryName } from "./layout.ts";

/** Makes what was created, renamed or deleted in a folder survive a crash of the machine. */
export async function syncFolder(folder: string): Promise<void> {
  await syncFile(folder);
}

/** Makes what a file holds survive a crash of the machine. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder and those above it that are missing, all of which survive a crash of the machine. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  const top = dirname(first);
  for (let at = dirname(folder); ; at = dirname(at)) {
    await syncFolder(at);
    if (at === top || at === dirname(at)) return;
  }
}

/**
 * Writes a file so that it is there wholly or not at all: into a temporary file of the same folder, which is renamed.
 * @param sync whether the bytes are on the disk before the file gets its name; the folder is for the caller to sync
 * @throws what the file system says; the temporary file is gone then
 */
export async function writeAtomic(path: string, bytes: Buffer | string, sync: boolean): Promise<void> {
  const temporary = join(dirname(path), temporaryName(basename(path)));
  try {
    const handle = await open(temporary, "w");
    try {
      await handle.writeFile(bytes);
      if (sync) await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Whether the file system refused to write for want of space. */
export function isNoSpace(error: unknown): boolean {
  const code = codeOf(error);
  return code === "ENOSPC" || code === "EDQUOT";
}

/** The code of an error of the file system, such as `ENOENT`. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
