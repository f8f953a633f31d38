import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * The id that a checkout's last lab of a stack had, in `.edgelab/labs/`. What a `down` has kept, or could not reach on a
 * dead host, carries it, so the next lab of that stack goes on with it: it moves from the state to the note and back.
 */
function noteOf(root: string, stack: string): string {
  return join(root, ".edgelab/labs", stack);
}

/** @returns undefined where this checkout has taken down no lab of the stack since it was last brought up */
export async function notedLab(root: string, stack: string): Promise<string | undefined> {
  const text = await readFile(noteOf(root, stack), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined || text.trim() === "" ? undefined : text.trim();
}

export async function noteLab(root: string, stack: string, id: string): Promise<void> {
  const file = noteOf(root, stack);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, `${id}\n`);
}

export async function forgetLab(root: string, stack: string): Promise<void> {
  await rm(noteOf(root, stack), { force: true });
}
