import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { chmod, cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { freePort } from "../../../apps/common/testing/free-ports.ts";
import type { Connection } from "../connection.ts";

/** A real sshd of the user who runs the tests, on a free port of the loopback address. */
export interface TestSshd {
  /** With the key that it lets in and its own host key. */
  readonly connection: Connection & { keyFile: string; hostKey: string };
  /** A private key that it does not know. */
  readonly foreignKey: string;
  /** For files of a test; removed by stop(). */
  readonly folder: string;
  stop(): Promise<void>;
}

const program = "/usr/sbin/sshd";

/** @param config lines of sshd_config in addition */
export async function startSshd(config: readonly string[] = []): Promise<TestSshd> {
  if (!existsSync(program)) {
    throw new Error(`${program} is missing, which these tests need: apt-get install openssh-server`);
  }
  // Blanks and quotes in its name must not matter to any command.
  const folder = await mkdtemp(join(tmpdir(), "it's an sshd-"));
  for (const name of ["host", "key", "foreign"]) {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", join(folder, name)]);
  }
  await cp(join(folder, "key.pub"), join(folder, "authorized_keys"));
  const port = await freePort();
  const lines = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey "${join(folder, "host")}"`,
    `AuthorizedKeysFile "${join(folder, "authorized_keys")}"`,
    "PidFile none",
    "StrictModes no",
    "UsePAM no",
    "PasswordAuthentication no",
    ...config,
  ];
  await writeFile(join(folder, "sshd_config"), `${lines.join("\n")}\n`);
  await chmod(folder, 0o755);
  // Only root's sshd has a use for this folder.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
  const sshd = spawn(program, ["-D", "-e", "-f", join(folder, "sshd_config")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said: string[] = [];
  sshd.stderr.on("data", (chunk: Buffer) => said.push(chunk.toString()));
  const ended = new Promise<void>((resolve) => sshd.once("close", () => resolve()));
  while (!(await listens(port))) {
    if (sshd.exitCode !== null) throw new Error(`sshd does not start: ${said.join("")}`);
    await after(20);
  }
  const [type, key] = readFileSync(join(folder, "host.pub"), "utf8").split(" ");
  return {
    connection: {
      address: "127.0.0.1",
      port,
      user: userInfo().username,
      keyFile: join(folder, "key"),
      hostKey: `${type} ${key}`,
    },
    foreignKey: join(folder, "foreign"),
    folder,
    stop: async () => {
      sshd.kill();
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
