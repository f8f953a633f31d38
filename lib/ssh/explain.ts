import { type Connection, display, type Endpoint } from "./connection.ts";

/** What became of an ssh command. */
export interface SshResult {
  /** Exit code; 255 when ssh itself failed, null when it was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Exit code of our own scripts when their last line says what mends it. */
const saidItAll = 3;

/** Why a connection failed, for people. */
export interface Explanation {
  readonly reason: string;
  /** Empty when the reason says it. */
  readonly fix: string;
  /** Whether it may well work in a while, without anybody doing anything. */
  readonly transient: boolean;
  /** Whether the machine itself answered, and does not let us in. */
  readonly refused: boolean;
}

/** One sentence on what ssh's messages mean, and what mends it. Messages are those of OpenSSH's client and of sudo. */
export function explain(
  connection: Connection,
  { stderr, code }: Pick<SshResult, "stderr" | "code">,
): Explanation {
  const { jump } = connection;
  const text = stderr.trim();
  const atJump = jump !== undefined && isAbout(text, jump);
  const who: Endpoint = atJump ? jump : connection;
  const name = atJump ? `the jump host ${display(who)}` : display(who);
  // Other codes are those of a command there, which may speak of connections of its own.
  const ofSsh = code === 255 || code === null;
  const known = (ofSsh ? ofClient : ofSudo).find(({ pattern }) => pattern.test(text));
  if (known !== undefined) return known.explain(name, who, text, connection);
  const last = text.split("\n").at(-1) ?? "";
  return {
    reason: `${name}: ${last === "" ? `${ofSsh ? "ssh" : "the command"} ended with ${code}` : last}`,
    fix: code === saidItAll ? "" : `${ofSsh ? "try it by hand" : "look there"}: ${command(connection)}`,
    transient: ofSsh,
    refused: false,
  };
}

/** The ssh command that a person would type. */
export function command({ user, address, port, keyFile, jump }: Connection): string {
  return [
    "ssh",
    ...(keyFile === undefined ? [] : ["-i", keyFile]),
    ...(jump === undefined ? [] : ["-J", `${jump.user}@${jump.address}:${jump.port}`]),
    ...(port === 22 ? [] : ["-p", String(port)]),
    `${user}@${address}`,
  ].join(" ");
}

/** With a jump, the inner ssh complains first, and the outer one only about the closed pipe. */
function isAbout(text: string, { address, user }: Endpoint): boolean {
  return (
    text.includes(`${user}@${address}:`) ||
    text.includes(`connect to host ${address} port`) ||
    text.includes(`host key for ${address} `) ||
    text.includes(`No ED25519 host key is known for ${address}`)
  );
}

interface Pattern {
  readonly pattern: RegExp;
  explain(name: string, who: Endpoint, text: string, connection: Connection): Explanation;
}

const lineWith = (text: string, pattern: RegExp) =>
  text.split("\n").find((line) => pattern.test(line)) ?? text;

/** What OpenSSH's client says; the first one that matches counts, as a refusal often follows from what comes before. */
const ofClient: readonly Pattern[] = [
  {
    pattern: /REMOTE HOST IDENTIFICATION HAS CHANGED|host key .*has changed/i,
    explain: (name, who) => ({
      reason: `${name} has another host key than the one that is known: it was set up anew, or something else answers at ${who.address}`,
      fix:
        who.hostKey === undefined
          ? `if it was set up anew: ${newKey(who)}; where only your known_hosts has the old one: ssh-keygen -R ${known(who.address, who.port)}, then connect once by hand`
          : `if it was set up anew: ${newKey(who)}`,
      transient: false,
      refused: false,
    }),
  },
  {
    pattern: /Host key verification failed|No .* host key is known/i,
    explain: (name, { address, port, hostKey }) => ({
      reason:
        hostKey === undefined
          ? `the host key of ${name} is not known`
          : `${name} does not have the host key that the config gives it`,
      fix: `compare with the machine's own /etc/ssh/ssh_host_ed25519_key.pub, then set hostKey in ssh.hosts to what this prints: ssh-keyscan -p ${port} -t ed25519 ${address}`,
      transient: false,
      refused: false,
    }),
  },
  {
    pattern: /Bad configuration option: *knownhostscommand/i,
    explain: (name) => ({
      reason: `${name}: the ssh command of this machine is too old for host keys from the config`,
      fix: "install OpenSSH 8.5 or newer on this machine (ssh -V tells what it has)",
      transient: false,
      refused: false,
    }),
  },
  {
    pattern:
      /Identity file .* not accessible|Load key .*: (No such file|Permission denied|error in libcrypto|invalid format)|UNPROTECTED PRIVATE KEY/i,
    explain: (name, who, text) => ({
      reason: `the private key for ${name} cannot be used: ${lineWith(text, /Identity file|Load key|UNPROTECTED/i)}`,
      fix: `check ${who.keyFile ?? "~/.ssh"}: it must be there, be a private key without a passphrase (or be in the agent), and be readable by you alone (chmod 600)`,
      transient: false,
      refused: true,
    }),
  },
  {
    pattern: /Permission denied \(/i,
    explain: (name, who) => ({
      reason: `${name} refuses ${who.keyFile === undefined ? "every key that the agent and ~/.ssh have" : `the key ${who.keyFile}`}`,
      fix: `add the key there: ssh-copy-id ${who.keyFile === undefined ? "" : `-i ${who.keyFile}.pub `}-p ${who.port} ${who.user}@${who.address}, or set keyFile or user in the config (ssh.keyFile, ssh.user, ssh.hosts); a key with a passphrase must be in the agent (ssh-add)`,
      transient: false,
      refused: true,
    }),
  },
  {
    pattern: /Could not resolve hostname|Name or service not known/i,
    explain: (name, { address }) => ({
      reason: `the name ${address} cannot be resolved`,
      fix: `correct the address of ${name} in the config (ssh.hosts)`,
      transient: false,
      refused: false,
    }),
  },
  {
    pattern: /open failed: administratively prohibited|stdio forwarding failed.*prohibited/i,
    explain: (name, { address }, _text, { jump }) => ({
      reason: `${jump === undefined ? name : display(jump)} does not let connections be forwarded${jump === undefined ? "" : ` to ${address}`}`,
      fix: "set AllowTcpForwarding yes in its /etc/ssh/sshd_config, then: systemctl reload ssh",
      transient: false,
      refused: false,
    }),
  },
  {
    pattern:
      /timed out|No route to host|Connection refused|Network is unreachable|Connection (closed|reset)|kex_exchange_identification|banner exchange/i,
    explain: (name, { address, port }, text) => ({
      reason: `${name} does not answer: ${lineWith(text, /timed out|No route|refused|unreachable|closed|reset|kex_|banner/i).trim()}`,
      fix: `see that the machine is on, that port ${port} of ${address} is reachable from here, and that sshd runs (it may block you for some minutes after failed logins)`,
      transient: true,
      refused: false,
    }),
  },
];

const ofSudo: readonly Pattern[] = [
  {
    pattern:
      /a (terminal|password) is required|is not in the sudoers file|may not run sudo|is not allowed to (run|execute)|sudo: command not found|no askpass/i,
    explain: (name, { user }) => ({
      reason: `${user} may not become root by sudo without a password on ${name}`,
      fix: `on that machine, as root: echo '${user} ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/edgelab && chmod 440 /etc/sudoers.d/edgelab (with \`apt-get install sudo\` where it is missing)`,
      transient: false,
      refused: true,
    }),
  },
];

function newKey({ address, port }: Endpoint): string {
  return (
    `take its new key into the config (ssh.hosts, hostKey): ssh-keyscan -p ${port} -t ed25519 ${address}; ` +
    "a VM that the lab has made: openstack server delete NAME, then ./scripts/up"
  );
}

function known(address: string, port: number): string {
  return port === 22 ? address : `'[${address}]:${port}'`;
}
