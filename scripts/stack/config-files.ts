import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { readIfThere, writeAtomically } from "../toolchain/store.ts";

type Files = ReadonlyMap<string, string>;

/**
 * Runs `work` and keeps Pulumi from leaving the passphrase's salt in Pulumi.<stack>.yaml, which is in git
 * (the state holds it too, and is where we have it read from).
 * @param restore put a file that got a salt back byte for byte: for commands that only make a stack
 */
export async function withoutSalt<T>(root: string, restore: boolean, work: () => Promise<T>): Promise<T> {
  const before = await configFiles(root);
  try {
    return await work();
  } finally {
    const after = await configFiles(root);
    const names = new Set([...before.keys(), ...after.keys()]);
    for (const name of names) await mend(join(root, name), before.get(name), after.get(name), restore);
  }
}

/** `after` without a salt that was not there before; undefined when then nothing is left of a new file. */
export function dropNewSalt(before: string | undefined, after: string): string | undefined {
  const salt = /^encryptionsalt:.*\n?/m;
  if (!salt.test(after) || (before !== undefined && salt.test(before))) return after;
  const rest = after.replace(salt, "");
  return rest.trim() === "" && before === undefined ? undefined : rest;
}

async function mend(
  file: string,
  before: string | undefined,
  after: string | undefined,
  restore: boolean,
): Promise<void> {
  if (after === undefined) return;
  const saltless = dropNewSalt(before, after);
  if (saltless === after) return;
  const wanted = restore ? before : saltless;
  if (wanted === undefined) await rm(file, { force: true });
  else await writeAtomically(file, wanted);
}

async function configFiles(root: string): Promise<Files> {
  const names = (await readdir(root)).filter((name) => /^Pulumi\..+\.yaml$/.test(name));
  const texts = await Promise.all(
    names.map(async (name) => [name, await readIfThere(join(root, name))] as const),
  );
  // Another run on another stack may have taken its own away meanwhile.
  return new Map(texts.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
