import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openForward } from "../../../../lib/ssh/forward.ts";

const openMs = 60_000;

/**
 * A Docker engine behind ssh://, reached by one connection that carries its socket. It is made at the first call, made
 * anew when it broke, and ends with the process.
 *
 * @returns what gives the flags of the docker command for it
 */
export function throughSocket(host: string, sshOptions: readonly string[]): () => Promise<readonly string[]> {
  const { hostname, port, username } = new URL(host);
  const connection = { address: hostname, port: Number(port || 22), user: decodeURIComponent(username) };
  let opened: Promise<readonly string[]> | undefined;
  const open = async () => {
    const folder = mkdtempSync(join(tmpdir(), "edgelab-docker-"));
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    const socketPath = join(folder, "docker.sock");
    const spec = { local: { socketPath }, remote: { socketPath: "/var/run/docker.sock" } };
    const forward = await openForward(connection, [spec], { timeoutMs: openMs, options: sshOptions });
    forward.failed.catch(() => {
      opened = undefined;
    });
    return ["--host", `unix://${socketPath}`];
  };
  return () => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
}
