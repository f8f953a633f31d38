import { mkdir, readFile, rename, rm, watch, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../../apps/common/retry.ts";
import type { HostForwards } from "./host-forwards.ts";

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

/** Where an update leaves for an open tunnel what there is to lead to by now. */
function wantedOf(project: string, stack: string): string {
  return join(project, "tunnels", `${stack}.wanted.json`);
}

/** How long an open tunnel may take to see what it is told. */
const takeOverMs = 10_000;

/**
 * Tells a tunnel that is open what there is to lead to by now, and waits until it has taken that over, so that nobody
 * else opens the same ports.
 *
 * @throws when the tunnel has not taken it over within ten seconds
 */
export async function tellTunnel(
  project: string,
  stack: string,
  forwards: readonly HostForwards[],
): Promise<void> {
  if ((await tunnelOf(project, stack)).size === 0) return;
  const file = wantedOf(project, stack);
  await writeFile(`${file}.new`, JSON.stringify(forwards));
  await rename(`${file}.new`, file);
  const ports = forwards.flatMap((host) => host.forwards.map(({ port }) => port));
  const taken = async () => {
    const open = await tunnelOf(project, stack);
    // One that has ended meanwhile takes nothing.
    return open.size === 0 || ports.every((port) => open.has(port)) ? true : undefined;
  };
  await waitFor("the open tunnel to lead to what is new", taken, { timeoutMs: takeOverMs });
}

/** What an open tunnel is told by {@link tellTunnel}, each time that it is. */
export async function* toldTunnel(
  project: string,
  stack: string,
  signal: AbortSignal,
): AsyncGenerator<readonly HostForwards[]> {
  const name = `${stack}.wanted.json`;
  try {
    for await (const { filename } of watch(join(project, "tunnels"), { signal })) {
      if (filename !== name) continue;
      const text = await readFile(wantedOf(project, stack), "utf8").catch(() => undefined);
      // Gone again: the next tunnel begins by what the stack's outputs say.
      if (text !== undefined) yield JSON.parse(text) as readonly HostForwards[];
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

export async function forgetTunnel(project: string, stack: string): Promise<void> {
  await rm(fileOf(project, stack), { force: true });
  await rm(wantedOf(project, stack), { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
