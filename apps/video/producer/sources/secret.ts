import { readFile } from "node:fs/promises";
import type { Credentials } from "./source.ts";

/**
 * The password read from its file, so that one that is changed there is used at the next connection, with the user that
 * it belongs to, if it is not only for the address itself.
 */
export async function readCredentials({
  user,
  passwordFile,
}: Credentials): Promise<{ user: string | undefined; password: string } | undefined> {
  if (passwordFile === undefined) return undefined;
  return { user, password: await readSecret(passwordFile) };
}

async function readSecret(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new Error(`the camera's password cannot be read from ${path} (${error.code})`);
  });
  const secret = text.trim();
  if (secret === "") throw new Error(`the camera's password file ${path} is empty`);
  return secret;
}
