import { z } from "zod";
import { waitFor } from "../../apps/common/retry.ts";
import { docker } from "../../scripts/lab/docker.ts";
import { ToolchainError } from "../../scripts/toolchain/errors.ts";
import type { Env } from "../../scripts/toolchain/run.ts";
import { type Likeness, labHealthCheck, likenesses, remove, start } from "../common/containers.ts";
import { type Fate, producerCount, type System, timeoutMs } from "./system.ts";

/** How long the first results may take, ms. */
const flowMs = 60_000;

const page = z.object({
  samples: z.array(
    z.object({ scheduledUs: z.number(), receivedUs: z.number().nullable(), outcome: z.string() }),
  ),
});

/** The lab's own classifier and recorder, with producers made in the likeness of its first. */
export class Edgelab implements System {
  readonly name = "edgelab";
  readonly #env: Env;
  readonly #stack: string;
  readonly #producer: Likeness;
  readonly #workers: readonly string[];
  #producers: readonly string[] = [];

  /** @throws ToolchainError when the lab has no classification pipeline with a producer */
  constructor(env: Env, stack: string, lab: readonly Likeness[]) {
    const own = lab.filter(({ pipeline }) => pipeline === "classification");
    const producer = own.find(({ role }) => role === "producer");
    if (producer === undefined) {
      throw new ToolchainError(
        "the lab has no producer of images to take after",
        `./scripts/pulumi config set producers 1 --stack ${stack} && ./scripts/up ${stack}`,
      );
    }
    this.#env = env;
    this.#stack = stack;
    this.#producer = producer;
    this.#workers = own.filter(({ role }) => role !== "producer").map(({ name }) => name);
  }

  async start(): Promise<void> {
    await docker(this.#env, "start", ...this.#workers);
  }

  async stop(): Promise<void> {
    await this.#removeProducers();
    await docker(this.#env, "stop", ...this.#workers);
  }

  async startLoad(perSecond: number): Promise<void> {
    const producers = Array.from({ length: producerCount }, (_, i) => `edgelab-bench-producer-${i + 1}`);
    this.#producers = producers;
    await Promise.all(
      producers.map((name, i) =>
        start(this.#env, this.#stack, {
          name,
          role: "producer",
          image: this.#producer.image,
          like: this.#producer,
          env: {
            ...this.#producer.env,
            PRODUCER_NAME: `bench-producer-${i + 1}`,
            // Of its own, as in a lab that has as many producers.
            RESULTS_PARTITION: String(i),
            IMAGES_PER_SECOND: String(perSecond),
            RESULT_TIMEOUT_MS: String(timeoutMs),
            SAMPLES_KEPT: "1000000",
          },
          // They belong to what the pipeline costs.
          args: labHealthCheck,
        }),
      ),
    );
    const flowing = async () => {
      const fates = await Promise.all((await this.#urls()).map(fatesAt));
      return fates.every((each) => each.some(({ latencyMs }) => Number.isFinite(latencyMs)))
        ? true
        : undefined;
    };
    await waitFor("results of every producer", flowing, { timeoutMs: flowMs });
  }

  async endLoad(): Promise<Fate[]> {
    const fates = (await Promise.all((await this.#urls()).map(fatesAt))).flat();
    await this.#removeProducers();
    return fates;
  }

  async #removeProducers(): Promise<void> {
    const names = this.#producers;
    this.#producers = [];
    await remove(this.#env, names);
  }

  async #urls(): Promise<string[]> {
    const running = await likenesses(this.#env, this.#stack);
    return running
      .filter(({ name }) => this.#producers.includes(name))
      .map(({ address, env }) => `http://${address}:${env.HTTP_PORT ?? "8080"}`);
  }
}

async function fatesAt(url: string): Promise<Fate[]> {
  const response = await fetch(`${url}/latencies`).catch(() => undefined);
  if (response === undefined) return [];
  const { samples } = page.parse(await response.json());
  return samples
    .filter(({ outcome }) => outcome !== "late")
    .map(({ scheduledUs, receivedUs }) => ({
      dueUs: scheduledUs,
      latencyMs: receivedUs === null ? Number.POSITIVE_INFINITY : (receivedUs - scheduledUs) / 1000,
    }));
}
