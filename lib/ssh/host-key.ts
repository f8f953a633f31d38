import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { destination, sshOptions } from "./arguments.ts";
import type { Connection, Endpoint } from "./connection.ts";
import { SshError } from "./run.ts";

/**
 * The public key that a machine shows now, `ssh-ed25519 AAAA…`: for trust on first use. A log-in is tried, as that is
 * what goes through a jump host by itself; whether it succeeds does not matter here.
 *
 * @returns undefined when the user's own known_hosts vouches for the machine
 * @throws SshError when the machine shows no key, or another one than the user's known_hosts have
 */
export async function scanHostKey(
  connection: Endpoint & Pick<Connection, "jump">,
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal },
): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "edgelab-key-"));
  try {
    const file = join(folder, "known_hosts");
    // The first value of an option counts.
    const first = [
      "StrictHostKeyChecking=accept-new",
      `UserKnownHostsFile=${file} ~/.ssh/known_hosts ~/.ssh/known_hosts2`,
      "HashKnownHosts=no",
    ];
    const { hostKey: _, ...unknown } = connection;
    const args = [
      ...first.flatMap((value) => ["-o", value]),
      ...sshOptions(unknown),
      ...destination(connection),
    ];
    const signals = [AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])];
    const child = spawn("ssh", [...args, "true"], {
      stdio: ["ignore", "ignore", "pipe"],
      signal: AbortSignal.any(signals),
    });
    const errors: string[] = [];
    child.stderr.on("data", (chunk: Buffer) => errors.push(chunk.toString()));
    const code = await new Promise<number | null>((resolve) => {
      child.on("error", (error) => errors.push(error.name === "AbortError" ? "timed out" : error.message));
      child.on("close", resolve);
    });
    const lines = (await readFile(file, "utf8").catch(() => "")).split("\n");
    const [, type, key] = lines.find((line) => line !== "" && !line.startsWith("#"))?.split(" ") ?? [];
    if (type !== undefined && key !== undefined) return `${type} ${key}`;
    // Refusing the key, or what comes after it, means that the host's own was taken.
    if (code === 0 || errors.join("").includes("Permission denied (")) return undefined;
    throw new SshError(connection, { code, stdout: "", stderr: errors.join("") });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Types of host keys, the one to prefer first. */
const preferred = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "ssh-rsa",
];

/**
 * The public host key that the user's own known_hosts has of a machine; undefined when it has none.
 *
 * @param files those of ssh's own defaults when left out
 */
export async function knownHostKey(
  { address, port }: Endpoint,
  files: readonly string[] = [".ssh/known_hosts", ".ssh/known_hosts2"].map((file) => join(homedir(), file)),
): Promise<string | undefined> {
  const name = port === 22 ? address : `[${address}]:${port}`;
  const found = await Promise.all(
    files.map((file) => execa("ssh-keygen", ["-F", name, "-f", file], { reject: false })),
  );
  // A line with a marker (@revoked, @cert-authority) has no key to hold the machine to.
  const keys = found
    .flatMap(({ stdout }) => stdout.split("\n"))
    .filter((line) => !/^[#@]/.test(line))
    .map((line) => line.split(" ").slice(1, 3).join(" "));
  return preferred
    .map((type) => keys.find((key) => key.startsWith(`${type} `)))
    .find((key) => key !== undefined);
}
