import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { type Connection, display, type Endpoint } from "../../lib/ssh/connection.ts";
import { knownHostKey } from "../../lib/ssh/host-key.ts";
import { needsPassphrase } from "../../lib/ssh/key.ts";

type CommandConnection = pulumi.Unwrap<types.input.remote.ConnectionArgs>;
type CommandEndpoint = Omit<CommandConnection, "proxy">;

/** What ssh tries by itself, in its order. */
const ownKeys = ["id_ed25519", "id_ecdsa", "id_rsa"].map((name) => join(homedir(), ".ssh", name));

/**
 * A connection as @pulumi/command takes it, which reads neither the user's ssh configuration nor known_hosts, and would
 * connect to any machine if it were given no host key.
 *
 * @throws pulumi.RunError when no host key is known, or no private key can be used
 */
export async function commandConnection(connection: Connection): Promise<CommandConnection> {
  const { jump } = connection;
  return {
    ...(await commandEndpoint(connection)),
    ...(jump === undefined ? {} : { proxy: await commandEndpoint(jump) }),
  };
}

async function commandEndpoint(endpoint: Endpoint): Promise<CommandEndpoint> {
  const { address, port, user } = endpoint;
  const hostKey = endpoint.hostKey ?? (await knownHostKey(endpoint));
  if (hostKey === undefined) {
    throw new pulumi.RunError(
      `hosts.commands: the host key of ${display(endpoint)} is known by your ssh configuration alone\n  fix: compare with the machine's own, then set hostKey in ssh.hosts to what this prints: ssh-keyscan -p ${port} -t ed25519 ${address}`,
    );
  }
  const privateKey = privateKeyOf(endpoint);
  return { host: address, port, user, hostKey, ...(privateKey === undefined ? {} : { privateKey }) };
}

/** The text of the key that the provider is to use; undefined where the agent has it. */
function privateKeyOf(endpoint: Endpoint): string | undefined {
  const files = endpoint.keyFile === undefined ? ownKeys.filter(existsSync) : [endpoint.keyFile];
  const usable = files.map((file) => readFileSync(file, "utf8")).find((text) => !needsPassphrase(text));
  if (usable !== undefined || (process.env.SSH_AUTH_SOCK ?? "") !== "") return usable;
  throw new pulumi.RunError(
    `hosts.commands: there is no private key for ${display(endpoint)} that can be used without a passphrase, and no agent\n  fix: ${files.length === 0 ? "set ssh.keyFile" : `eval "$(ssh-agent)" && ssh-add ${files[0]}`}`,
  );
}
