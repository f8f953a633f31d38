import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { waitFor } from "../retry.ts";

const startMs = 120_000;
/** Nobody, on every Linux, when this is root: what the images run as has no rights either. */
const unprivileged = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** How a server of one of the lab's images is run on this machine. */
export interface ServerPlan {
  readonly name: string;
  /** What the image's container runs. */
  readonly entrypoint: string;
  /** The image's own health check. */
  readonly healthy: string;
  /** @param folder of its own, which is its to write */
  env(folder: string): Readonly<Record<string, string>>;
  /** Fills the folder before the first start. */
  prepare?(folder: string): Promise<void>;
}

/** A server that runs, and can be made to stop and run again with its data. */
export interface TestServer {
  stop(signal: NodeJS.Signals): Promise<void>;
  /** @throws when it is not healthy within two minutes; the message has its log */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  close(): Promise<void>;
}

/** Makes a server's folder and starts it. */
export async function startServer(plan: ServerPlan): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), `edgelab-${plan.name}-`));
  await plan.prepare?.(folder);
  const { uid, gid } = unprivileged;
  if (uid !== undefined) await promisify(execFile)("chown", ["-R", `${uid}:${gid}`, folder]);
  const env = { PATH: `/usr/sbin:${process.env.PATH}`, ...plan.env(folder) };
  const log = join(folder, "log");
  let child: ChildProcess | undefined;
  const stop = async (signal: NodeJS.Signals) => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const exited = once(running, "exit");
    running.kill(signal);
    await exited;
  };
  const start = async () => {
    const running = spawn("bash", ["-c", `exec "$0" >>"$1" 2>&1`, plan.entrypoint, log], {
      env,
      cwd: folder,
      ...unprivileged,
    });
    child = running;
    const healthy = async () => {
      if (running.exitCode !== null) throw new Error("it has ended");
      await promisify(execFile)(plan.healthy, [], { env, ...unprivileged });
      return true;
    };
    try {
      await waitFor(`${plan.name} to answer`, healthy, { timeoutMs: startMs, everyMs: 100 });
    } catch (cause) {
      const said = await readFile(log, "utf8").catch(() => "no log");
      await stop("SIGKILL");
      throw new Error(`${plan.name} does not serve:\n${said}`, { cause });
    }
  };
  const close = async () => {
    await stop("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await close();
    throw error;
  }
  return { stop, start, close };
}
