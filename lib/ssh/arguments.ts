import type { Connection, Endpoint } from "./connection.ts";

/** Seconds until a machine that does not answer the first packet is given up. */
const connectSeconds = 10;

/**
 * Options of the `ssh` command for a connection, without its destination. Nothing is asked for at a terminal; a host
 * key that is not the known one ends the connection. The user's own ssh configuration still counts.
 */
export function sshOptions(connection: Connection): string[] {
  const { jump } = connection;
  return [
    ...loginOptions(connection),
    // -J would not take the jump's key and host key.
    ...(jump === undefined ? [] : option("ProxyCommand", `ssh ${proxyWords(jump)}`)),
  ];
}

/** What follows the options: the port and `user@address`. */
export function destination({ address, port, user }: Endpoint): string[] {
  return ["-p", String(port), `${user}@${address}`];
}

/** The machine's Docker engine as in DOCKER_HOST. */
export function dockerHost({ address, port, user }: Endpoint): string {
  return `ssh://${user}@${bracketed(address)}:${port}`;
}

/** An address as it is written before a colon: that of IPv6 has colons itself. */
export function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

function loginOptions({ keyFile, hostKey }: Endpoint): string[] {
  return [
    ...option("BatchMode", "yes"),
    ...option("ConnectTimeout", String(connectSeconds)),
    // A connection to a machine that is gone ends after half a minute.
    ...option("ServerAliveInterval", "10"),
    ...option("ServerAliveCountMax", "3"),
    ...option("StrictHostKeyChecking", "yes"),
    // A control socket that the user's configuration asks for would outlive this connection.
    ...option("ControlMaster", "no"),
    ...option("ControlPath", "none"),
    ...(keyFile === undefined ? [] : ["-i", keyFile, ...option("IdentitiesOnly", "yes")]),
    ...(hostKey === undefined ? [] : knownHost(hostKey)),
  ];
}

/** The one key that is known for the host, whatever known_hosts files say; it takes no file. */
function knownHost(hostKey: string): string[] {
  return [
    ...option("UserKnownHostsFile", "/dev/null"),
    ...option("GlobalKnownHostsFile", "/dev/null"),
    ...option("KnownHostsCommand", `/bin/echo %H ${hostKey}`),
    // Else ssh tells of "adding" the key to /dev/null when only its address was new to it.
    ...option("UpdateHostKeys", "no"),
  ];
}

function option(name: string, value: string): string[] {
  return ["-o", `${name}=${value}`];
}

/** The arguments of the inner ssh: its ProxyCommand goes through a shell, in which percent signs mean something to ssh. */
function proxyWords(jump: Endpoint): string {
  const words = [...loginOptions(jump), "-W"].map((word) => quoted(word).replaceAll("%", "%%"));
  return [...words, "%h:%p", ...destination(jump).map(quoted)].join(" ");
}

function quoted(word: string): string {
  return /^[\w./:@=,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
