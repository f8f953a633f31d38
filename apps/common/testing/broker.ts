import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { waitFor } from "../retry.ts";
import { freePort, freePorts } from "./free-ports.ts";

const images = join(import.meta.dirname, "../../../images");
const image = join(images, "kafka");
const libs = join(images, "kafka-4.2/stage/libs");
const startMs = 240_000;

/** A node of Kafka, run by what is in the lab's own image, on this machine's loopback address. */
export interface TestNode {
  /** Port of its listener for controllers. */
  readonly controllerPort: number;
  /** Kills it and removes its data. */
  close(): Promise<void>;
}

/** A Kafka of one node. */
export interface TestBroker extends TestNode {
  readonly bootstrapServers: readonly string[];
}

export interface BrokerOptions {
  /** Whether other controllers may join its quorum. */
  readonly grows?: boolean;
}

/** @throws when it does not serve within four minutes, which is for machines that have much else to do; the message has its log */
export async function startBroker({ grows = false }: BrokerOptions = {}): Promise<TestBroker> {
  const [port = 0, controllerPort = 0] = await freePorts(2);
  const quorum = grows
    ? {
        KAFKA_CFG_CONTROLLER_QUORUM_BOOTSTRAP_SERVERS: `127.0.0.1:${controllerPort}`,
        KAFKA_FIRST_VOTERS: `0@127.0.0.1:${controllerPort}:edgelab-test-folder--0`,
      }
    : { KAFKA_CFG_CONTROLLER_QUORUM_VOTERS: `0@127.0.0.1:${controllerPort}` };
  const env = {
    KAFKA_HEAP_MB: "256",
    KAFKA_CFG_NODE_ID: "0",
    KAFKA_CFG_PROCESS_ROLES: "broker,controller",
    KAFKA_CFG_LISTENERS: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    ...quorum,
    KAFKA_CFG_OFFSETS_TOPIC_REPLICATION_FACTOR: "1",
    KAFKA_CFG_OFFSETS_TOPIC_NUM_PARTITIONS: "1",
    KAFKA_CFG_LOG_FLUSH_SCHEDULER_INTERVAL_MS: "1000",
    KAFKA_CFG_GROUP_INITIAL_REBALANCE_DELAY_MS: "0",
  };
  const close = await startNode(env, port);
  return { bootstrapServers: [`127.0.0.1:${port}`], controllerPort, close };
}

/** A controller that is no broker, which waits to be let into the quorum of a {@link TestBroker} that grows. */
export async function startController(
  id: number,
  { controllerPort: known }: Pick<TestBroker, "controllerPort">,
): Promise<TestNode> {
  const controllerPort = await freePort();
  const env = {
    KAFKA_HEAP_MB: "96",
    KAFKA_CFG_NODE_ID: String(id),
    KAFKA_CFG_PROCESS_ROLES: "controller",
    KAFKA_CFG_LISTENERS: `CONTROLLER://127.0.0.1:${controllerPort}`,
    KAFKA_CFG_CONTROLLER_QUORUM_BOOTSTRAP_SERVERS: `127.0.0.1:${known}`,
    KAFKA_FIRST_VOTERS: "none",
  };
  return { controllerPort, close: await startNode(env, controllerPort) };
}

/** @returns what kills it and removes its data */
async function startNode(own: Readonly<Record<string, string>>, port: number): Promise<() => Promise<void>> {
  if (!existsSync(libs)) throw new Error(`${libs} is missing; fix: ./scripts/setup`);
  const folder = await mkdtemp(join(tmpdir(), "edgelab-broker-"));
  const home = join(folder, "home");
  const run = join(folder, "run");
  await Promise.all([mkdir(home), mkdir(run)]);
  await Promise.all([
    symlink(libs, join(home, "libs")),
    symlink(join(image, "config"), join(home, "config")),
  ]);
  const env = {
    PATH: process.env.PATH,
    KAFKA_HOME: home,
    KAFKA_RUN: run,
    KAFKA_DATA: join(folder, "data"),
    KAFKA_CLUSTER_ID: "edgelab-test-cluster-0",
    KAFKA_CFG_CONTROLLER_LISTENER_NAMES: "CONTROLLER",
    ...own,
  };
  const log = join(folder, "log");
  const child = spawn("bash", ["-c", `exec bash "$0" >"$1" 2>&1`, join(image, "bin/entrypoint"), log], {
    env,
    // A group of its own: the entrypoint, which is what is started here, runs Kafka beside itself.
    detached: true,
  });
  const close = async () => {
    await kill(child);
    // Kafka may be a moment behind.
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const healthy = async () => {
    if (child.exitCode !== null) throw new Error("it has ended");
    await promisify(execFile)(join(image, "bin/healthy"), [String(port)], { env });
    return true;
  };
  try {
    await waitFor("a broker to serve", healthy, { timeoutMs: startMs, everyMs: 500 });
  } catch (cause) {
    const said = await readFile(log, "utf8").catch(() => "no log");
    await close();
    throw new Error(`the test broker does not serve:\n${said}`, { cause });
  }
  return close;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  await exited;
}
