import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What an open tunnel leaves for others to find. */
interface Note {
  readonly pid: number;
  readonly ports: readonly number[];
}

function fileOf(project: string, stack: string): string {
  return join(project, "tunnels", `${stack}.json`);
}

/** Ports that a tunnel of the stack has open; empty when there is none. */
export async function tunnelOf(project: string, stack: string): Promise<ReadonlySet<number>> {
  const text = await readFile(fileOf(project, stack), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return new Set();
  const { pid, ports } = JSON.parse(text) as Note;
  return isAlive(pid) ? new Set(ports) : new Set();
}

/** Tells others that this process has these ports open, until {@link forgetTunnel}. */
export async function noteTunnel(project: string, stack: string, ports: readonly number[]): Promise<void> {
  await mkdir(join(project, "tunnels"), { recursive: true });
  await writeFile(fileOf(project, stack), JSON.stringify({ pid: process.pid, ports } satisfies Note));
}

export async function forgetTunnel(project: string, stack: string): Promise<void> {
  await rm(fileOf(project, stack), { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
