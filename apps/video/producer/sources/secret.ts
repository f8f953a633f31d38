import { readFile } from "node:fs/promises";
import type { Credentials } from "./source.ts";

/** A user with the password read from its file, so that a password changed there is used at the next connection. */
export async function readCredentials({
  user,
  passwordFile,
}: Credentials): Promise<{ user: string; password: string } | undefined> {
  if (user === undefined || passwordFile === undefined) return undefined;
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
