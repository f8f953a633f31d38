import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { pause } from "../../apps/common/retry.ts";
import { ToolchainError } from "../../scripts/toolchain/errors.ts";
import type { Env } from "../../scripts/toolchain/run.ts";
import { type Likeness, remove, start } from "../common/containers.ts";
import { deleteTopics, makeTopics, passwordVolume, peerVariables } from "../common/peer-parts.ts";
import type { Peer } from "./options.ts";
import { type Fate, producerCount, type System, timeoutMs } from "./system.ts";

const written = z.array(z.tuple([z.number(), z.number().nullable()]));
/** How long members of a group take to have their partitions, ms. */
const joinMs = 4000;

interface PeerOptions {
  readonly env: Env;
  readonly stack: string;
  readonly lab: readonly Likeness[];
  readonly image: string;
  readonly client: Peer;
  /** Brokers as this machine reaches them. */
  readonly bootstrap: string;
}

/** The same pipeline in Python, on topics of its own of the same kind, in containers of the same limits. */
export class PythonPeer implements System {
  readonly name: string;
  readonly #options: PeerOptions;
  #topics: Readonly<Record<"IMAGES_TOPIC" | "RESULTS_TOPIC", string>> | undefined;
  #turn = 0;
  #folder = "";
  #running: string[] = [];
  #producers: string[] = [];

  constructor(options: PeerOptions) {
    this.#options = options;
    this.name = `Python, ${options.client}`;
  }

  async start(): Promise<void> {
    this.#turn += 1;
    const prefix = `bench-${this.#options.client}-${process.pid}-${this.#turn}`;
    this.#topics = { IMAGES_TOPIC: `${prefix}-images`, RESULTS_TOPIC: `${prefix}-results` };
    this.#folder = await mkdtemp(join(tmpdir(), "edgelab-bench-"));
    await makeTopics(this.#options.bootstrap, this.#topicNames());
    const recorder = this.#of("recorder");
    const password = await passwordVolume(this.#options.env, recorder, this.#folder);
    await this.#run("classifier", "classifier", this.#of("classifier"), {});
    await this.#run("recorder", "recorder", recorder, {}, [password]);
  }

  async startLoad(perSecond: number): Promise<void> {
    const names = Array.from({ length: producerCount }, (_, i) => `producer-${i + 1}`);
    const like = this.#of("producer");
    const env = { IMAGES_PER_SECOND: String(perSecond) };
    const args = [`--volume=${this.#folder}:/out`];
    await Promise.all(
      names.map((name) => this.#run(name, "producer", like, { ...env, PRODUCER_NAME: name }, args)),
    );
    this.#producers = names.map((name) => this.#container(name));
    await pause(joinMs);
  }

  async endLoad(): Promise<Fate[]> {
    await this.#remove(this.#producers);
    const files = (await readdir(this.#folder)).filter((name) => name.endsWith(".json"));
    if (files.length < producerCount) {
      throw new ToolchainError(
        `only ${files.length} of ${producerCount} producers of ${this.name} wrote their figures`,
        "./scripts/up   # and measure again with nothing else on the machine",
      );
    }
    const texts = await Promise.all(files.map((name) => readFile(join(this.#folder, name), "utf8")));
    for (const name of files) await rm(join(this.#folder, name));
    return texts
      .flatMap((text) => written.parse(JSON.parse(text)))
      .map(([dueUs, latencyUs]) => ({
        dueUs,
        latencyMs:
          latencyUs === null || latencyUs > timeoutMs * 1000 ? Number.POSITIVE_INFINITY : latencyUs / 1000,
      }));
  }

  async stop(): Promise<void> {
    await this.#remove(this.#running);
    await rm(this.#folder, { recursive: true, force: true });
    await deleteTopics(this.#options.bootstrap, this.#topicNames());
  }

  async #run(
    name: string,
    role: string,
    like: Likeness,
    env: Readonly<Record<string, string>>,
    args: readonly string[] = [],
  ): Promise<void> {
    const container = this.#container(name);
    this.#running.push(container);
    await start(this.#options.env, this.#options.stack, {
      name: container,
      role,
      like,
      image: this.#options.image,
      env: {
        ...peerVariables(like),
        ...this.#topics,
        CLIENT: this.#options.client,
        ...env,
      },
      args,
      command: ["python3", `/opt/peer/${role}.py`],
    });
  }

  async #remove(names: readonly string[]): Promise<void> {
    await remove(this.#options.env, names);
    this.#running = this.#running.filter((name) => !names.includes(name));
  }

  #container(name: string): string {
    return `edgelab-bench-python-${name}`;
  }

  /** The lab's container of that role, stopped as it may be. */
  #of(role: string): Likeness {
    const found = this.#options.lab.find((each) => each.pipeline === "classification" && each.role === role);
    if (found !== undefined) return found;
    throw new ToolchainError(`the lab has no ${role}`, `./scripts/up ${this.#options.stack}`);
  }

  #topicNames(): string[] {
    return Object.values(this.#topics ?? {});
  }
}
