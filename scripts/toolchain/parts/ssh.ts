import { existsSync } from "node:fs";
import { type Context, healthy, logFile, missing, type Part } from "../part.ts";
import { privileged, rights } from "../rights.ts";
import { attempt, isExecutable, logged, which } from "../run.ts";

const packages = ["openssh-client"];

/** The ssh command, by which labs on other machines are reached. */
export const sshPart: Part = {
  name: "ssh",
  needs: [],
  async find({ env }) {
    const file = await which("ssh", env.PATH ?? "");
    if (file === undefined) return missing("no ssh command", "apt-get install openssh-client");
    // Its version goes to standard error.
    const { stderr } = await attempt(file, ["-V"], { env });
    return healthy(stderr.split(/[ ,]/)[0] ?? "", file);
  },
  async packages({ env }) {
    return (await which("ssh", env.PATH ?? "")) === undefined ? packages : [];
  },
  async get(context) {
    await context.apt.install(packages);
  },
};

const SSHD = "/usr/sbin/sshd";
const UNITS = ["ssh.service", "ssh.socket"];

/**
 * The SSH server's program, which tests start for themselves on the loopback address. Its package would start a server
 * for everybody; where there was none, none is to come with this.
 */
export const sshdPart: Part = {
  name: "sshd",
  needs: [],
  async find() {
    return (await isExecutable(SSHD)) ? healthy("installed", SSHD) : missing(`no ${SSHD}`);
  },
  async get(context) {
    await systemctl(context, "mask", "--runtime", ...UNITS);
    await context.apt.install(["openssh-server"]);
    await systemctl(context, "disable", ...UNITS);
    await systemctl(context, "unmask", "--runtime", ...UNITS);
  },
};

/** Does nothing on a machine that systemd does not run. */
async function systemctl(context: Context, ...args: string[]): Promise<void> {
  if (!existsSync("/run/systemd/system")) return;
  const [file, rest] = privileged(await rights(), ["systemctl", ...args]);
  await logged(logFile(context, "sshd"), file, rest, {
    env: context.env,
    fix: "apt-get install openssh-server, and `systemctl disable --now ssh` if it is not to run",
  });
}
