import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../../lib/ssh/connection.ts";
import type { Service, ServiceArgs } from "../containers/service.ts";
import type { Host } from "../hosts/host.ts";
import type { Lab } from "../lab.ts";
import { Turn } from "../resources/turn.ts";

/** A node of a cluster, by what it takes to find out whether it runs. */
export interface RollingNode {
  /** Name of its service. */
  readonly name: string;
  /** Kafka's id of it. */
  readonly id: number;
  /** `host:port` for the operator's machine; left out where it has none, and then it counts as running if a broker does. */
  readonly address?: string;
}

type OwnArgs = Pick<ServiceArgs, "before" | "hooks">;

export interface TurnsArgs {
  lab: Lab;
  /** All nodes; those of one group come before those of the next. */
  groups: readonly (readonly RollingNode[])[];
  bootstrapServers: readonly string[];
  access: readonly { connection: pulumi.Output<Connection>; ports: number[] }[];
}

/**
 * Lets the nodes of a running cluster be made anew one after the other, and those of one that is not running all at once,
 * as a quorum comes to be of its members together. Which of it is so, and in which order, is asked of the cluster when an
 * update begins (see rollOrder()): nodes are declared to Pulumi's engine in that order, each when the one before it is
 * done. Before a node that will be made anew is stopped, its {@link Turn} waits until the cluster can do without it. A
 * node that fails ends the update, and those after it are left as they are.
 *
 * No hook is bound to their deletion: Pulumi would refuse to destroy a stack with one without running the program.
 */
export class Turns {
  readonly #args: TurnsArgs;
  readonly #stages: Promise<readonly (readonly string[])[]>;
  readonly #done: ReadonlyMap<string, PromiseWithResolvers<void>>;

  constructor(args: TurnsArgs) {
    this.#args = args;
    this.#stages = stagesOf(args);
    this.#done = new Map(args.groups.flat().map(({ name }) => [name, Promise.withResolvers<void>()]));
  }

  /**
   * Makes a node's service, to be declared when it is its turn.
   *
   * @param host where it is to run
   * @param after what else it depends on
   * @param make makes it with these arguments and dependencies among its own
   */
  take(
    name: string,
    host: Host,
    after: readonly pulumi.Resource[],
    make: (own: OwnArgs, dependsOn: Promise<pulumi.Resource[]>) => Service,
  ): Service {
    const service = make(this.#argsOf(name, host), this.#turnOf(name, after));
    service.container.urn.apply(() => this.#done.get(name)?.resolve());
    return service;
  }

  async #turnOf(name: string, others: readonly pulumi.Resource[]): Promise<pulumi.Resource[]> {
    for (const stage of await this.#stages) {
      if (stage.includes(name)) break;
      await Promise.all(stage.map((one) => this.#done.get(one)?.promise));
    }
    return [...others];
  }

  #argsOf(name: string, host: Host): OwnArgs {
    const { lab, bootstrapServers, access, groups } = this.#args;
    const node = groups.flat().find((one) => one.name === name);
    if (node === undefined) throw new Error(`${name} is not among the nodes that take turns`);
    const left = new pulumi.ErrorHook(`${name}-ends-the-roll`, async () => {
      const waiting = await this.#waitingFor(name);
      if (waiting.length > 0) {
        await pulumi.log.error(
          `${name} has not come back healthy; ${waiting.join(", ")} had to wait for it, and are left as they were\n` +
            `  fix: mend what its log tells of (docker logs), or set back what you have changed; then ./scripts/up goes on with ${name}`,
        );
      }
      return false;
    });
    return {
      hooks: { onError: [left] },
      before: (spec, parent) =>
        new Turn(
          `${name}-turn`,
          {
            node: name,
            nodeId: node.id,
            at: {
              host: host.name,
              container: lab.resourceName(name),
              ...(host.connection === undefined ? {} : { connection: host.connection }),
            },
            ...(node.address === undefined ? {} : { address: node.address }),
            spec: spec.apply((text) => createHash("sha256").update(text).digest("hex")),
            bootstrapServers: [...bootstrapServers],
            ...(access.length === 0 ? {} : { access: [...access] }),
          },
          { parent },
        ),
    };
  }

  async #waitingFor(name: string): Promise<string[]> {
    const stages = await this.#stages;
    return stages.slice(stages.findIndex((stage) => stage.includes(name)) + 1).flat();
  }
}

/** In a preview, nothing is made, and nothing is asked. */
async function stagesOf({ groups, access }: TurnsArgs): Promise<readonly (readonly string[])[]> {
  const all = [groups.flat().map(({ name }) => name)];
  if (pulumi.runtime.isDryRun()) return all;
  const connections = await Promise.all(
    access.map(({ connection, ports }) =>
      settled(connection.apply((known) => ({ connection: known, ports }))),
    ),
  );
  const args = { groups, ...(access.length === 0 ? {} : { access: connections }) };
  const { stages } = (await pulumi.runtime.invoke("lab:kafka:rollOrder", args)) as { stages: string[][] };
  return stages;
}

function settled<T>(output: pulumi.Output<T>): Promise<pulumi.Unwrap<T>> {
  return new Promise((resolve) => {
    pulumi.output(output).apply(resolve);
  });
}
