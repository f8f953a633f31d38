import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { connectionSchema } from "../../lib/ssh/connection.ts";
import { openForward } from "../../lib/ssh/forward.ts";

/** Ports on the loopback address of another machine, and how to get there. */
export const accessSchema = z.strictObject({
  connection: connectionSchema,
  ports: z.array(z.int().min(1).max(65_535)).min(1),
});
export type Access = z.infer<typeof accessSchema>;

const openMs = 60_000;

/** A local socket for each port of one machine. */
type Sockets = ReadonlyMap<number, string>;

/** One connection a machine, kept while this process lives: every topic goes through it. */
const opened = new Map<string, Promise<Sockets>>();

/**
 * What connects to brokers that advertise `127.0.0.1:<port>`, each on its own machine.
 *
 * @returns undefined when there is nothing in between
 * @throws SshError when a machine cannot be reached
 */
export async function connector(
  access: readonly Access[] | undefined,
): Promise<((host: string, port: number) => Socket) | undefined> {
  if (access === undefined || access.length === 0) return undefined;
  const all = await Promise.all(access.map(socketsOf));
  const paths = new Map(all.flatMap((sockets) => [...sockets]));
  return (host, port) => {
    const path = paths.get(port);
    return path === undefined ? connect({ host, port }) : connect({ path });
  };
}

function socketsOf(access: Access): Promise<Sockets> {
  const key = JSON.stringify(access);
  const known = opened.get(key);
  if (known !== undefined) return known;
  const opening = open(access, () => opened.delete(key));
  opened.set(key, opening);
  opening.catch(() => opened.delete(key));
  return opening;
}

async function open({ connection, ports }: Access, onEnd: () => void): Promise<Sockets> {
  const folder = mkdtempSync(join(tmpdir(), "edgelab-kafka-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const sockets = new Map(ports.map((port) => [port, join(folder, `${port}.sock`)]));
  const forwards = [...sockets].map(([port, socketPath]) => ({
    local: { socketPath },
    remote: { address: "127.0.0.1", port },
  }));
  const forward = await openForward(connection, forwards, { timeoutMs: openMs });
  forward.failed.catch(onEnd);
  return sockets;
}
