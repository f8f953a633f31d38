import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect } from "vitest";
import { messageOf } from "../../apps/common/errors.ts";
import { dataName } from "../../infra/plan/data-names.ts";
import { type BrokerEvent, brokerEvent, brokerHarm, eventFormat } from "../../infra/testing/broker-harm.ts";
import { describeStep, type Step } from "../../infra/testing/walk.ts";
import { Sender } from "../../scripts/drills/sender.ts";
import { readStore } from "../../scripts/drills/stores.ts";
import { type Access, openAccess } from "../../scripts/lab/access.ts";
import { labContainers } from "../../scripts/lab/docker.ts";
import { KafkaState } from "../../scripts/lab/kafka-state.ts";
import type { LabOutputs } from "../../scripts/lab/queries.ts";
import { eventually, type TestLab } from "./lab.ts";
import type { LabHost, LabHosts } from "./lab-hosts.ts";

/** Messages a second that are sent beside the lab's own producers. */
const rate = 5;

export interface WalkerOptions {
  readonly lab: TestLab;
  readonly machines: LabHosts;
  /** Names of the hosts of the config at first. */
  readonly listed: readonly string[];
  /** What the config says of the hosts of the lab. */
  readonly config: (listed: readonly LabHost[]) => Readonly<Record<string, unknown>>;
}

/**
 * Takes a lab on hosts that is up through a walk, while numbered images flow: after each update it is whole, each image
 * that Kafka has acknowledged is in PostgreSQL, and none of the updates has made anything worse.
 */
export class Walker {
  readonly #options: WalkerOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), "edgelab-walk-"));
  readonly #run = `walk-${Date.now().toString(36)}`;
  readonly #ending = new AbortController();
  #listed: readonly string[];
  #dead: string | undefined;
  #ways: readonly { readonly host: string; readonly access: Access }[] = [];
  #sender: Sender | undefined;
  #sending: Promise<void> = Promise.resolve();
  /** How many messages were sent when a host was last lost. */
  #sentBefore = 0;
  /** The first message that the database is to have: those before went with a disk. */
  #first = 0;

  constructor(options: WalkerOptions) {
    this.#options = options;
    this.#listed = options.listed;
  }

  /** Begins to send. */
  async begin(): Promise<void> {
    const outputs = await this.#outputs();
    await this.#follow(outputs);
    const [probe] = outputs.probes;
    if (probe === undefined) throw new Error("the lab has no pipeline that images can be sent through");
    const bootstrapServers = outputs.bootstrapServers.split(",");
    this.#sender = new Sender({
      bootstrapServers,
      acks: "all",
      run: this.#run,
      probe,
      lanes: 4,
      rate,
      // What is not acknowledged is nowhere expected.
      onFailure: () => {},
    });
    this.#sending = this.#sender.send(this.#ending.signal);
    await this.#whole();
  }

  /** @throws with the step in the message when it does not do what it should */
  async take(steps: readonly Step[]): Promise<void> {
    for (const [index, step] of steps.entries()) {
      const name = `step ${index + 1} of ${steps.length}: ${describeStep(step)}`;
      const started = performance.now();
      try {
        await this.#take(step);
      } catch (error) {
        throw new Error(`${name}: ${messageOf(error)}`, { cause: error });
      }
      process.stdout.write(
        `${name}: ${Math.round((performance.now() - started) / 1000)} s, ${this.#acked.length} acknowledged\n`,
      );
    }
  }

  /**
   * Loses a host for good, with its disk and the database on it, and has an update make it anew.
   *
   * @param gone takes the machine away, which has lost its power
   * @param standIn has another, bare one at its place, once the update asks for it
   */
  async replace(host: string, gone: () => Promise<void>, standIn: () => Promise<void>): Promise<void> {
    await this.#take({ kind: "kill", host });
    await gone();
    this.#first = this.#sentBefore;
    const { result, harm } = await this.#watched(async () => {
      const [updated] = await Promise.all([this.#options.lab.tryUp(), standIn()]);
      return updated;
    });
    this.#dead = undefined;
    expect(harm, result.text).toEqual([]);
    await this.#complete(result);
  }

  async end(): Promise<void> {
    this.#ending.abort();
    await this.#sending;
    await this.#sender?.close(0);
    await this.#close();
    rmSync(this.#folder, { recursive: true });
  }

  get #acked(): number[] {
    return (this.#sender?.sent ?? [])
      .slice(this.#first)
      .flatMap(({ seq, ackedMs }) => (ackedMs === undefined ? [] : [seq]));
  }

  async #take(step: Step): Promise<void> {
    const { lab, machines } = this.#options;
    switch (step.kind) {
      case "kill":
        await machines.kill(this.#host(step.host));
        this.#dead = step.host;
        this.#sentBefore = this.#sender?.sent.length ?? 0;
        return this.#follow(await this.#outputs());
      case "back":
        await machines.bringBack(this.#host(step.host));
        this.#dead = undefined;
        return this.#follow(await this.#outputs());
      case "leave-out":
        this.#listed = this.#listed.filter((name) => name !== step.host);
        lab.set("discardData", JSON.stringify(step.discard));
        if (step.discard.includes(dataName("postgres", step.host))) this.#first = this.#sentBefore;
        return this.#configure();
      case "add":
        this.#listed = [...this.#listed, step.host];
        return this.#configure();
      case "scale":
        return lab.set(step.key, step.value);
      case "up":
        return this.#up(step.expect);
    }
  }

  #configure(): void {
    const config = this.#options.config(this.#listed.map((name) => this.#host(name)));
    for (const [key, value] of Object.entries(config)) this.#options.lab.set(key, value);
  }

  async #up(expected: Extract<Step, { kind: "up" }>["expect"]): Promise<void> {
    const { lab } = this.#options;
    const flags = expected === "same" ? ["--expect-no-changes"] : [];
    // As ./scripts/up: refreshed where every host can be asked.
    const all = this.#dead === undefined ? ["--refresh"] : [];
    const { result, harm } = await this.#watched(() => lab.tryUp(...all, ...flags));
    expect(harm, result.text).toEqual([]);
    if (expected === "harmless") return;
    await this.#complete(result);
  }

  /** What an update that succeeds leaves. */
  async #complete({ exitCode, text }: Awaited<ReturnType<TestLab["tryUp"]>>): Promise<void> {
    expect(exitCode, text).toBe(0);
    this.#options.lab.set("discardData", undefined);
    await this.#follow(await this.#outputs());
    await this.#whole();
    await this.#nothingMissing();
  }

  /** Watches the brokers of all hosts that live while something is done. */
  async #watched<T>(work: () => Promise<T>): Promise<{ result: T; harm: string[] }> {
    const engines = this.#engines;
    const brokers = (await labContainers(engines)).filter(({ role }) => role === "broker");
    const nameOf = ({ name }: { name: string }) => name.slice(name.lastIndexOf("kafka-"));
    const { startOrder } = await this.#outputs();
    const events: BrokerEvent[] = [];
    const args = [
      "events",
      "--filter",
      "type=container",
      "--filter",
      "label=edgelab.role=broker",
      "--format",
      eventFormat,
    ];
    const living = this.#options.machines.hosts.filter(({ name }) => name !== this.#dead);
    const watches = living.map(({ container }) => {
      // A host that is bare so far has no broker that could be ended either.
      const watch = execa("docker", ["exec", container, "docker", ...args], { reject: false, buffer: false });
      watch.stdout.on("data", (data: Buffer) => {
        for (const line of data.toString().split("\n"))
          events.push(...[brokerEvent(line)].flatMap((one) => one ?? []));
      });
      return watch;
    });
    try {
      const result = await work();
      const all = startOrder.flat().filter((name) => /^kafka-\d+$/.test(name));
      const healthy = brokers.filter(({ health }) => health === "healthy").map(nameOf);
      return { result, harm: brokerHarm(healthy, all, events) };
    } finally {
      for (const watch of watches) watch.kill();
      await Promise.all(watches);
    }
  }

  /** Every planned container is there and healthy, and every replica in sync. */
  async #whole(): Promise<void> {
    const { bootstrapServers, topics, startOrder } = await this.#outputs();
    const replicas = new KafkaState(bootstrapServers.split(","));
    const planned = startOrder.flat().map((name) => `edgelab-${this.#options.lab.stack}-${name}`);
    try {
      await eventually("the lab to be whole", async () => {
        const found = await labContainers(this.#engines);
        const sick = found
          .filter(({ health }) => health !== "healthy")
          .map(({ name, health }) => `${name} ${health}`);
        const names = found.map(({ name }) => name);
        const wrong = [
          ...sick,
          ...planned.filter((name) => !names.includes(name)).map((name) => `${name} is not there`),
          ...names
            .filter((name, index) => !planned.includes(name) || names.indexOf(name) !== index)
            .map((name) => `${name} is left`),
        ];
        if (wrong.length > 0) throw new Error(wrong.join("; "));
        const behind = await replicas.behind(topics);
        if (behind.length > 0) throw new Error(`not in sync: ${behind.join(", ")}`);
        return true;
      });
    } finally {
      await replicas.close();
    }
  }

  async #nothingMissing(): Promise<void> {
    const outputs = await this.#outputs();
    const table = outputs.probes[0]?.ends.find((end) => end.kind === "table");
    if (table === undefined || table.kind !== "table") throw new Error("images are kept in no table");
    const acked = this.#acked;
    await eventually("every acknowledged image in PostgreSQL", async () => {
      const rows = await readStore(table, {
        engines: this.#engines,
        stack: this.#options.lab.stack,
        run: this.#run,
      });
      if (rows === undefined) throw new Error("PostgreSQL does not answer");
      const there = new Set(rows.map(({ seq }) => seq));
      const missing = acked.filter((seq) => !there.has(seq));
      if (missing.length > 0)
        throw new Error(`${missing.length} of ${acked.length} are missing, such as ${missing[0]}`);
      return true;
    });
  }

  async #outputs(): Promise<LabOutputs> {
    return (await this.#options.lab.outputs()) as unknown as LabOutputs;
  }

  get #engines() {
    return this.#ways.flatMap(({ access }) => access.engines);
  }

  /** Opens the way to every host that lives. */
  async #follow(outputs: LabOutputs): Promise<void> {
    await this.#close();
    const common = { env: process.env, project: this.#folder, stack: this.#options.lab.stack };
    this.#ways = await Promise.all(
      outputs.forwards
        .filter(({ host }) => host !== this.#dead)
        .map(async (host) => ({
          host: host.host,
          access: await openAccess(common, { lab: outputs.lab, forwards: [host] }),
        })),
    );
  }

  async #close(): Promise<void> {
    await Promise.all(this.#ways.map(({ access }) => access.close()));
    this.#ways = [];
  }

  #host(name: string): LabHost {
    const found = this.#options.machines.hosts.find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is no host ${name}`);
    return found;
  }
}
