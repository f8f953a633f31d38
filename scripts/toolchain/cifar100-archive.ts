import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { sha256Of } from "./checksums.ts";
import { downloadVerified } from "./download.ts";

/** Name of the archive as its authors publish it, and as producers look for it. */
const ARCHIVE = "cifar-100-binary.tar.gz";

/**
 * Sees to the official archive of CIFAR-100's binary version in `folder`.
 *
 * @param url where it is published
 * @returns whether it was there already, whole
 * @throws ToolchainError when it cannot be had or is another one; the folder then has no part of it
 */
export async function fetchCifar100(
  folder: string,
  url: string,
  sha256: string,
): Promise<"there" | "downloaded"> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, ARCHIVE);
  if ((await sha256Of(file)) === sha256) return "there";
  const temporary = `${file}.tmp-${process.pid}`;
  try {
    await downloadVerified(url, temporary, sha256);
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
  return "downloaded";
}
