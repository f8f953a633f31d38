import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Env } from "../../scripts/toolchain/run.ts";
import { type Likeness, remove, start } from "../common/containers.ts";
import { deleteTopics, makeTopics, passwordVolume, peerVariables } from "../common/peer-parts.ts";
import { anomalyProbability, deviceCount, type System } from "./system.ts";

export interface PeerOptions {
  readonly env: Env;
  readonly stack: string;
  readonly image: string;
  /** The lab's container of each of the peer's programs. */
  readonly likes: Readonly<Record<"simulator" | "alerter" | "store", Likeness>>;
  /** Brokers as this machine reaches them. */
  readonly bootstrap: string;
  /** Runs statements in the lab's database. */
  readonly sql: (statements: string) => Promise<void>;
}

/** The same pipeline in Python, on topics and tables of its own, in containers of the same limits. */
export class PythonPeer implements System {
  readonly name = "Python, confluent-kafka";
  readonly rows = "bench_ingest.readings";
  readonly #options: PeerOptions;
  #turn = 0;
  #folder = "";
  #topics: Readonly<Record<"READINGS_TOPIC" | "ALERTS_TOPIC", string>> | undefined;
  #running: string[] = [];

  constructor(options: PeerOptions) {
    this.#options = options;
  }

  async start(perSecond: number): Promise<void> {
    const { env, bootstrap, likes, sql } = this.#options;
    this.#turn += 1;
    const prefix = `bench-ingest-${process.pid}-${this.#turn}`;
    this.#topics = { READINGS_TOPIC: `${prefix}-readings`, ALERTS_TOPIC: `${prefix}-alerts` };
    this.#folder = await mkdtemp(join(tmpdir(), "edgelab-bench-"));
    await makeTopics(bootstrap, Object.values(this.#topics));
    await sql("DROP SCHEMA IF EXISTS bench_ingest CASCADE;");
    await this.#run("store", {}, [await passwordVolume(env, likes.store, this.#folder)]);
    await this.#run("alerter", {});
    await this.#run("simulator", {
      DEVICES: String(deviceCount),
      READINGS_PER_SECOND: String(perSecond),
      ANOMALY_PROBABILITY: String(anomalyProbability),
    });
  }

  async stop(): Promise<void> {
    const { env, bootstrap, sql } = this.#options;
    await remove(env, this.#running.toReversed());
    this.#running = [];
    await rm(this.#folder, { recursive: true, force: true });
    await deleteTopics(bootstrap, Object.values(this.#topics ?? {}));
    await sql("DROP SCHEMA IF EXISTS bench_ingest CASCADE;");
  }

  async #run(
    role: "simulator" | "alerter" | "store",
    env: Readonly<Record<string, string>>,
    args: readonly string[] = [],
  ): Promise<void> {
    const like = this.#options.likes[role];
    const name = `edgelab-bench-python-${role}`;
    this.#running.push(name);
    await start(this.#options.env, this.#options.stack, {
      name,
      role,
      like,
      image: this.#options.image,
      env: { ...peerVariables(like), ...this.#topics, ...env },
      args,
      command: ["python3", `/opt/peer/${role}.py`],
    });
  }
}
