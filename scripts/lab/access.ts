import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection } from "../../lib/ssh/connection.ts";
import { type ForwardSpec, type OpenForward, openForward } from "../../lib/ssh/forward.ts";
import { ToolchainError } from "../toolchain/errors.ts";
import type { Env } from "../toolchain/run.ts";
import type { HostForwards } from "./host-forwards.ts";
import { tunnelOf } from "./tunnel-note.ts";

/** A Docker engine of the lab. */
export interface LabEngine {
  /** Name of the host. */
  readonly host: string;
  /** Id of the lab, which all that belongs to it there carries as a label. */
  readonly lab: string;
  /** Environment in which the docker command reaches it. */
  readonly env: Env;
  /** How to log in to the host; undefined where it is this machine. */
  readonly connection?: Connection;
}

/** The lab as if it were on this machine: its ports on the loopback address, its Docker engines at hand. */
export interface Access {
  readonly engines: readonly LabEngine[];
  close(): Promise<void>;
}

const openMs = 60_000;

/**
 * Opens the way to every host of a lab, or nothing where the lab is on this machine. Ports that `./scripts/tunnel`
 * has open for the stack already are left to it.
 *
 * @throws ToolchainError when a port is taken by something else, SshError when a host cannot be reached
 */
export async function openAccess(
  { env, project, stack }: { env: Env; project: string; stack: string },
  { lab, forwards }: { lab: string; forwards: readonly HostForwards[] },
): Promise<Access> {
  if (forwards.length === 0) return { engines: [{ host: "local", lab, env }], close: async () => {} };
  const tunnel = await tunnelOf(project, stack);
  const folder = await mkdtemp(join(tmpdir(), "edgelab-access-"));
  const opened: OpenForward[] = [];
  const close = async () => {
    await Promise.all(opened.map((forward) => forward.close()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all(
      forwards.map(async (host) => {
        const socket = {
          local: { socketPath: join(folder, `${host.host}.sock`) },
          remote: { socketPath: "/var/run/docker.sock" },
        };
        const specs = [socket, ...portSpecs(host).filter(({ local }) => !tunnel.has(local.port))];
        opened.push(await openForward(host.connection, specs, { timeoutMs: openMs }));
      }),
    );
  } catch (error) {
    await close();
    throw asTaken(error, stack);
  }
  const engines = forwards.map(({ host, connection }) => ({
    host,
    lab,
    connection,
    env: { ...env, DOCKER_HOST: `unix://${join(folder, `${host}.sock`)}` },
  }));
  return { engines, close };
}

/** The ports of one host. */
export function portSpecs({ forwards }: HostForwards): (ForwardSpec & { local: { port: number } })[] {
  return forwards.map(({ port, address, remotePort }) => ({
    local: { port },
    remote: { address, port: remotePort },
  }));
}

function asTaken(error: unknown, stack: string): unknown {
  if (!(error instanceof Error) || !/^port \d+ of this machine is taken/.test(error.message)) return error;
  return new ToolchainError(
    error.message,
    `end what has it, or move the lab's ports: ./scripts/pulumi config set ports.offset 100 --stack ${stack}`,
  );
}
