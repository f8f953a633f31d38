import { type Access, type LabEngine, openAccess } from "../lab/access.ts";
import type { LabOutputs } from "../lab/queries.ts";
import { PROJECT } from "../stack/stack.ts";
import type { Env } from "../toolchain/run.ts";

export interface LinkOptions {
  readonly env: Env;
  readonly project: string;
  readonly stack: string;
}

/** The way to the lab's ports and engines, wherever the lab is; follows the lab as it is rescaled. */
export class LabLink {
  readonly #options: LinkOptions;
  #access: Access | undefined;
  #key = "";
  /** Host of each container that has a published port. */
  #hostOf: ReadonlyMap<string, string> = new Map();

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get engines(): readonly LabEngine[] {
    if (this.#access === undefined) throw new Error("the lab is not linked yet");
    return this.#access.engines;
  }

  /** Opens what the lab has open now. */
  async follow(outputs: LabOutputs): Promise<void> {
    const { lab, forwards } = outputs;
    const key = JSON.stringify([lab, forwards]);
    if (key === this.#key) return;
    await this.close();
    this.#access = await openAccess(this.#options, outputs);
    this.#key = key;
    const prefix = `${PROJECT}-${this.#options.stack}-`;
    this.#hostOf = new Map(
      forwards.flatMap(({ host, forwards: own }) =>
        own.map(({ service }) => [service.slice(prefix.length), host] as const),
      ),
    );
  }

  /** The host of a service; undefined where the lab is on the machine that measures. */
  hostOf(service: string): string | undefined {
    return this.#hostOf.get(service);
  }

  async close(): Promise<void> {
    await this.#access?.close();
    this.#access = undefined;
    this.#key = "";
  }
}
