import { healthy, missing, type Part } from "../part.ts";
import { attempt, isExecutable, which } from "../run.ts";
import { installWithoutService } from "./services.ts";

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

/** The SSH server's program, which tests start for themselves on the loopback address. */
export const sshdPart: Part = {
  name: "sshd",
  needs: [],
  async find() {
    return (await isExecutable(SSHD)) ? healthy("installed", SSHD) : missing(`no ${SSHD}`);
  },
  get: (context) => installWithoutService(context, "openssh-server", UNITS),
};
