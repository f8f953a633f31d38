import { spawn } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { ToolchainError } from "./errors.ts";

const BUSY = 75;

/**
 * Runs `work` while holding the lock `file` against every other process.
 * The lock is flock(1)'s, held by a small child that ends with us, so even `kill -9` frees it.
 * @param label who we are, for those who wait
 * @param onWait told once who has the lock, if it is not free
 */
export async function withLock<T>(
  file: string,
  label: string,
  onWait: (holder: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  let release = await take(file, ["-n", "-E", String(BUSY)]);
  if (release === undefined) {
    onWait(await readFile(holderFile(file), "utf8").catch(() => "another process"));
    release = await take(file, []);
  }
  if (release === undefined) throw new Error(`flock waited for ${file} but did not get it`);
  try {
    await writeFile(holderFile(file), `${label} (pid ${process.pid})`);
    return await work();
  } finally {
    await rm(holderFile(file), { force: true });
    await release();
  }
}

function holderFile(file: string): string {
  return `${file}.holder`;
}

/** Resolves to a function that frees the lock, or to undefined when it is taken and flock was told not to wait. */
function take(file: string, options: readonly string[]): Promise<(() => Promise<void>) | undefined> {
  // The child says when it has the lock and then lives until its input ends: when we free it, or die.
  const child = spawn("flock", [...options, file, "sh", "-c", "echo locked; exec cat >/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", () => {
      reject(
        new ToolchainError(
          "flock is not installed",
          "apt-get install util-linux (or your system's package of it)",
        ),
      );
    });
    child.once("close", (code) => resolve(code ?? 1));
  });
  const locked = new Promise<() => Promise<void>>((resolve) => {
    child.stdout.once("data", () => {
      resolve(async () => {
        child.stdin.end();
        await ended;
      });
    });
  });
  const refused = ended.then((code) => {
    if (code === BUSY) return undefined;
    throw new ToolchainError(
      `cannot lock ${file}: flock ended with ${code}`,
      `make ${dirname(file)} writable for you`,
    );
  });
  return Promise.race([locked, refused]);
}
