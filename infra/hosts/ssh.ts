import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Connection, Endpoint } from "../../lib/ssh/connection.ts";
import type { HostEntry } from "../config/hosts.ts";
import type { CoreConfig } from "../config/schema.ts";
import type { RemoteMachine } from "./ready-machine.ts";

/** A path from config: `~` is the user's home, anything else is relative to the checkout. */
export function userPath(root: string, path: string): string {
  return path.startsWith("~/") ? resolve(homedir(), path.slice(2)) : resolve(root, path);
}

/** Options of an endpoint that config may leave out. */
type Login = Pick<HostEntry, "address" | "user" | "port" | "keyFile" | "hostKey">;

/**
 * The machines of `ssh.hosts`.
 *
 * @throws when a key file that config names is not there
 */
export function sshMachines(config: CoreConfig, root: string): RemoteMachine[] {
  const { hosts } = config.ssh;
  const byName = new Map(hosts.map((host) => [host.name, host]));
  const endpoint = (login: Login): Endpoint => endpointOf(login, config, root);
  return hosts.map((host) => {
    const jump = typeof host.jump === "string" ? byName.get(host.jump) : host.jump;
    const connection: Connection = {
      ...endpoint(host),
      ...(jump === undefined ? {} : { jump: endpoint(jump) }),
    };
    return { name: host.name, connection, peerAddress: host.peerAddress ?? host.address };
  });
}

function endpointOf(
  { address, user, port, keyFile, hostKey }: Login,
  { ssh }: CoreConfig,
  root: string,
): Endpoint {
  const key = keyFile ?? (ssh.keyFile === "" ? undefined : ssh.keyFile);
  return {
    address,
    port,
    user: user ?? ssh.user,
    ...(key === undefined ? {} : { keyFile: keyPath(root, key) }),
    ...(hostKey === undefined ? {} : { hostKey: hostKey.split(" ").slice(0, 2).join(" ") }),
  };
}

/** @throws when there is no such file, with the command that makes one */
export function keyPath(root: string, path: string): string {
  const absolute = userPath(root, path);
  if (existsSync(absolute)) return absolute;
  throw new pulumi.RunError(
    `there is no private key ${absolute}\n  fix: ssh-keygen -t ed25519 -f ${absolute}, then add its public half to the hosts' authorized_keys; ` +
      "or set ssh.keyFile to a key that they accept",
  );
}

/** The public half beside a private key. @throws pulumi.RunError when it is not there, with the command that makes it */
export function publicHalf(keyFile: string): string {
  const file = `${keyFile}.pub`;
  if (existsSync(file)) return readFileSync(file, "utf8").trim();
  throw new pulumi.RunError(`there is no ${file}\n  fix: ssh-keygen -y -f ${keyFile} >${file}`);
}
