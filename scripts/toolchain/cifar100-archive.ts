import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { downloadVerified } from "./download.ts";

/** Name of the archive as its authors publish it, and as producers look for it. */
const ARCHIVE = "cifar-100-binary.tar.gz";

/**
 * Sees to the official archive of CIFAR-100's binary version in `folder`.
 *
 * @param url where it is published
 * @param md5 what its authors say that it comes to
 * @returns whether it was there already, whole
 * @throws ToolchainError when it cannot be had or is another one; the folder then has no part of it
 */
export async function fetchCifar100(
  folder: string,
  url: string,
  md5: string,
): Promise<"there" | "downloaded"> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, ARCHIVE);
  if ((await md5Of(file)) === md5) return "there";
  const temporary = `${file}.tmp-${process.pid}`;
  try {
    await downloadVerified(url, temporary, { algorithm: "md5", hex: md5 });
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
  return "downloaded";
}

async function md5Of(file: string): Promise<string | undefined> {
  const hash = createHash("md5");
  try {
    await pipeline(createReadStream(file), hash);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  return hash.digest("hex");
}
