import { waitFor } from "../../apps/common/retry.ts";
import type { LabEngine } from "../lab/access.ts";
import { labContainers } from "../lab/docker.ts";
import { KafkaState } from "../lab/kafka-state.ts";

export interface WholeOptions {
  readonly engines: readonly LabEngine[];
  readonly bootstrapServers: readonly string[];
  readonly topics: readonly string[];
  readonly signal: AbortSignal;
}

/** Waits for the lab to be as it was: every container healthy, every replica in sync. */
export class Wholeness {
  readonly #options: WholeOptions;
  readonly #replicas: KafkaState;

  constructor(options: WholeOptions) {
    this.#options = options;
    this.#replicas = new KafkaState(options.bootstrapServers);
  }

  /**
   * @param anew containers that must have been started after `sinceMs`, so that none is taken for what it was before
   * @returns when it was so, ms since the epoch, to about a second
   * @throws after `timeoutMs` with what is still missing
   */
  async wait(anew: readonly string[], sinceMs: number, timeoutMs: number): Promise<number> {
    const { signal } = this.#options;
    return waitFor("the lab to be whole", () => this.#ask(anew, sinceMs), {
      timeoutMs,
      everyMs: 1000,
      signal,
    });
  }

  async close(): Promise<void> {
    await this.#replicas.close();
  }

  async #ask(anew: readonly string[], sinceMs: number): Promise<number> {
    const { engines, topics } = this.#options;
    const containers = await labContainers(engines);
    const sick = containers
      .filter(({ health }) => health !== "healthy")
      .map(({ name, health }) => `${name} ${health}`);
    const old = containers
      .filter(({ name, startedAt }) => anew.includes(name) && Date.parse(startedAt) < sinceMs)
      .map(({ name }) => `${name} not started again`);
    const missing = [...sick, ...old];
    if (missing.length > 0) throw new Error(missing.join(", "));
    const behind = await this.#replicas.behind(topics);
    if (behind.length > 0) throw new Error(`not in sync: ${behind.join(", ")}`);
    return Date.now();
  }
}
