import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { ToolchainError } from "../errors.ts";
import { type Context, type Healthy, healthy, logFile, type Missing, missing, type Part } from "../part.ts";
import { privileged, rights, typed } from "../rights.ts";
import { attempt, type Env, logged, which } from "../run.ts";

const START_MS = 60_000;

/** Where root's commands live; an ordinary user's PATH often lacks them. */
const SBIN = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** A Docker engine: reachable → installed but not running → installed by the package manager → told how. */
export const dockerPart: Part = {
  name: "docker engine",
  needs: [],
  find: findDocker,

  async packages({ env }) {
    return (await canInstall(env)) ? DEBIAN_PACKAGES : [];
  },

  async get(context) {
    const found = await findDocker(context);
    if (found.healthy) return;
    if (context.env.DOCKER_HOST) throw new ToolchainError(found.what, found.fix);
    if ((await which("dockerd", daemonPath(context.env))) === undefined) await install(context);
    await start(context);
  },
};

const DEBIAN_PACKAGES = ["docker.io", "docker-cli?", "iptables"];

async function findDocker({ env }: Context): Promise<Healthy | Missing> {
  const where = env.DOCKER_HOST ? `DOCKER_HOST=${env.DOCKER_HOST}` : "this machine";
  if ((await which("docker", env.PATH ?? "")) === undefined) {
    return missing(
      "the docker command is not installed",
      env.DOCKER_HOST ? installCommand() : "./scripts/setup",
    );
  }
  const info = await attempt("docker", ["info", "--format", "{{.ServerVersion}}"], {
    env,
    timeout: 15_000,
  });
  const version = info.stdout.trim();
  if (!info.failed && version !== "") return healthy(version, where);
  const why = info.stderr.trim().split("\n").at(-1) ?? "";
  if (env.DOCKER_HOST)
    return missing(`no Docker engine answers at ${where}: ${why}`, "start it, or unset DOCKER_HOST");
  if (/permission denied/i.test(info.stderr)) {
    return missing(
      "the Docker engine runs, but you may not use it",
      `sudo usermod -aG docker ${env.USER ?? "$USER"}   # then log in again, or run: newgrp docker`,
    );
  }
  return missing("the Docker engine is not running");
}

async function canInstall(env: Env): Promise<boolean> {
  if (env.DOCKER_HOST || (await which("dockerd", daemonPath(env))) !== undefined) return false;
  return (await which("apt-get", env.PATH ?? "")) !== undefined && (await rights()) !== "none";
}

async function install(context: Context): Promise<void> {
  if (!(await canInstall(context.env))) {
    throw new ToolchainError(
      "no Docker engine is installed, and it cannot be installed from here",
      installCommand(),
    );
  }
  await context.apt.install(DEBIAN_PACKAGES);
}

/** Starts the installed engine and waits until it answers. */
async function start(context: Context): Promise<void> {
  const found = await findDocker(context);
  if (found.healthy) return;
  if (found.fix.includes("usermod")) throw new ToolchainError(found.what, found.fix);
  const have = await rights();
  const systemd = (await readFile("/proc/1/comm", "utf8")).trim() === "systemd";
  const command = typed(systemd ? "systemctl start docker" : "dockerd &");
  if (have === "none")
    throw new ToolchainError("the Docker engine is not running, and starting it needs root", command);
  await context.progress.step("starting the Docker engine", async () => {
    if (systemd) {
      const [file, args] = privileged(have, ["systemctl", "start", "docker"]);
      await logged(logFile(context, "docker"), file, args, { fix: `${typed("journalctl -u docker -n 50")}` });
      await untilItAnswers(context, undefined);
    } else {
      await startDetached(context, have === "sudo");
    }
  });
}

/** Without systemd (a container, WSL): dockerd in a session of its own, so that it outlives us. */
async function startDetached(context: Context, sudo: boolean): Promise<void> {
  const log = logFile(context, "dockerd");
  await mkdir(dirname(log), { recursive: true });
  const descriptor = openSync(log, "a");
  const daemon = (await which("dockerd", daemonPath(context.env))) ?? "dockerd";
  const [file, args] = privileged(sudo ? "sudo" : "root", [daemon]);
  const child = spawn(file, args, {
    detached: true,
    stdio: ["ignore", descriptor, descriptor],
    env: { ...context.env, PATH: daemonPath(context.env) },
  });
  const gone = once(child, "exit").then(() => undefined);
  closeSync(descriptor);
  child.unref();
  await untilItAnswers(context, gone, log);
}

async function untilItAnswers(
  context: Context,
  gone: Promise<void> | undefined,
  log?: string,
): Promise<void> {
  const deadline = performance.now() + START_MS;
  let exited = false;
  void gone?.then(
    () => (exited = true),
    () => (exited = true),
  );
  for (;;) {
    const found = await findDocker(context);
    if (found.healthy) return;
    const permission = found.fix.includes("usermod");
    if (permission) throw new ToolchainError(found.what, found.fix);
    if (exited || performance.now() > deadline) {
      const why = exited ? "ended at once" : `does not answer after ${START_MS / 1000} s`;
      const read =
        log === undefined ? typed("journalctl -u docker -n 50") : `read ${log}, then ./scripts/setup`;
      const said =
        log === undefined
          ? ""
          : (await readFile(log, "utf8")).trimEnd().split("\n").slice(-10).join("\n    ");
      throw new ToolchainError(`the Docker engine was started but ${why}\n    ${said}`.trimEnd(), read);
    }
    await after(500);
  }
}

function daemonPath(env: Env): string {
  return [env.PATH ?? "", ...SBIN].join(":");
}

function installCommand(): string {
  return [
    `${typed("apt-get update")} && ${typed("apt-get install -y docker.io")}        # Debian, Ubuntu`,
    `${typed("dnf install -y moby-engine")} && ${typed("systemctl enable --now docker")}   # Fedora`,
    `${typed("pacman -S --noconfirm docker")} && ${typed("systemctl enable --now docker")} # Arch`,
  ].join("\n");
}
