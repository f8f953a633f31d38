import { type ClockOffset, clockOffset } from "../../lib/ssh/clock.ts";
import { type Access, type LabEngine, openAccess } from "../lab/access.ts";
import type { LabOutputs } from "../lab/queries.ts";
import { PROJECT } from "../stack/stack.ts";
import type { Env } from "../toolchain/run.ts";

/** A host's clock against that of the machine that measures. */
export interface HostClock extends ClockOffset {
  readonly host: string;
}

export interface LinkOptions {
  readonly env: Env;
  readonly project: string;
  readonly stack: string;
}

const clockMs = 30_000;

/** The way to the lab's ports, engines and clocks, wherever the lab is; follows the lab as it is rescaled. */
export class LabLink {
  readonly #options: LinkOptions;
  #access: Access | undefined;
  #key = "";
  #clocks: readonly HostClock[] = [];
  /** Host of each container that has a published port. */
  #hostOf: ReadonlyMap<string, string> = new Map();

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get engines(): readonly LabEngine[] {
    if (this.#access === undefined) throw new Error("the lab is not linked yet");
    return this.#access.engines;
  }

  /** Clocks of the lab's hosts; empty where it is on the machine that measures. */
  get clocks(): readonly HostClock[] {
    return this.#clocks;
  }

  /** Opens what the lab has open now. */
  async follow({ forwards }: LabOutputs): Promise<void> {
    const key = JSON.stringify(forwards);
    if (key === this.#key) return;
    await this.close();
    this.#access = await openAccess(this.#options, forwards);
    this.#key = key;
    const prefix = `${PROJECT}-${this.#options.stack}-`;
    this.#hostOf = new Map(
      forwards.flatMap(({ host, forwards: own }) =>
        own.map(({ service }) => [service.slice(prefix.length), host] as const),
      ),
    );
  }

  /** Compares every host's clock with this machine's. */
  async compareClocks({ forwards }: LabOutputs): Promise<void> {
    this.#clocks = await Promise.all(
      forwards.map(async ({ host, connection }) => ({
        host,
        ...(await clockOffset(connection, { timeoutMs: clockMs })),
      })),
    );
  }

  /** How far the clock of one container's host is ahead of another's, µs; 0 where they share one. */
  aheadUs(one: string, other: string): number {
    const [ofOne, ofOther] = [one, other].map((service) => this.#hostOf.get(service));
    if (ofOne === undefined || ofOther === undefined || ofOne === ofOther) return 0;
    const offsetMs = (host: string) => this.#clocks.find((clock) => clock.host === host)?.offsetMs ?? 0;
    return (offsetMs(ofOne) - offsetMs(ofOther)) * 1000;
  }

  async close(): Promise<void> {
    await this.#access?.close();
    this.#access = undefined;
    this.#key = "";
  }
}

/** What a reader has to know of the clocks behind the figures. */
export function describeClocks(clocks: readonly HostClock[]): string {
  const own = "each latency is of one producer's own clock";
  if (clocks.length === 0) return `all containers on one machine share its clock; ${own}`;
  const list = clocks.map(
    ({ host, offsetMs, uncertaintyMs }) => `${host} ${signed(offsetMs)} ± ${uncertaintyMs.toFixed(1)} ms`,
  );
  return (
    `${own}; the stages between a producer and a classifier on another host rest on two clocks, ` +
    `compared with this machine's over SSH: ${list.join(", ")}`
  );
}

function signed(ms: number): string {
  return `${ms < 0 ? "−" : "+"}${Math.abs(ms).toFixed(1)}`;
}
