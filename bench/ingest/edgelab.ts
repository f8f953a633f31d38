import { docker } from "../../scripts/lab/docker.ts";
import type { Env } from "../../scripts/toolchain/run.ts";
import { type Likeness, labHealthCheck, remove, start } from "../common/containers.ts";
import { anomalyProbability, deviceCount, type System } from "./system.ts";

const simulator = "edgelab-bench-simulator";
/** What the names of its devices begin with, so that their rows are told from the lab's. */
const prefix = "bench-sim";
const tables = ["readings", "readings_by_minute", "readings_by_hour", "alerts"];

export interface EdgelabOptions {
  readonly env: Env;
  readonly stack: string;
  /** The lab's containers of the pipeline. */
  readonly own: readonly Likeness[];
  /** The container that its simulator is made in the likeness of. */
  readonly like: Likeness;
  /** Runs statements in the lab's database. */
  readonly sql: (statements: string) => Promise<void>;
}

/** The lab's own alerters and store, with a simulator made in the likeness of its own. */
export class Edgelab implements System {
  readonly name = "edgelab";
  readonly rows = `iot.readings WHERE device LIKE '${prefix}-%'`;
  readonly #options: EdgelabOptions;
  readonly #workers: readonly string[];

  constructor(options: EdgelabOptions) {
    this.#options = options;
    this.#workers = options.own.filter(({ role }) => role !== "simulator").map(({ name }) => name);
  }

  async start(perSecond: number): Promise<void> {
    const { env, stack, like } = this.#options;
    await docker(env, "start", ...this.#workers);
    await start(env, stack, {
      name: simulator,
      role: "simulator",
      image: like.image,
      like,
      env: {
        ...like.env,
        SIMULATOR_NAME: prefix,
        IOT_NUM_DEVICES: String(deviceCount),
        IOT_DATA_INTERVAL_SEC: String(deviceCount / perSecond),
        IOT_ANOMALY_PROBABILITY: String(anomalyProbability),
      },
      // It belongs to what the pipeline costs.
      args: labHealthCheck,
    });
  }

  async stop(): Promise<void> {
    const { env, sql } = this.#options;
    await remove(env, [simulator]);
    await docker(env, "stop", ...this.#workers);
    await sql(tables.map((table) => `DELETE FROM iot.${table} WHERE device LIKE '${prefix}-%';`).join("\n"));
  }
}
