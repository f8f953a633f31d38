import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../../lib/ssh/connection.ts";
import type { Reach } from "../provider/kafka-reach.ts";
import type { TurnInputs } from "../provider/turn.ts";

/** How a resource gets at a cluster. */
export type ReachArgs = {
  [K in Exclude<keyof Reach, "access">]: pulumi.Input<Reach[K]>;
} & { access?: { connection: pulumi.Input<Connection>; ports: number[] }[] };

export type TurnArgs = {
  [K in Exclude<keyof TurnInputs, keyof Reach | "address" | "at">]: pulumi.Input<TurnInputs[K]>;
} & { address?: string; at: PlaceArgs } & ReachArgs;

/** Where a node's container is. */
export interface PlaceArgs {
  readonly host: string;
  readonly container: string;
  readonly connection?: pulumi.Input<Connection>;
}

/**
 * A broker's turn to be made anew: created, and changed, when the cluster can do without it. Served by the provider in
 * `infra/provider`.
 */
export class Turn extends pulumi.CustomResource {
  constructor(name: string, args: TurnArgs, opts?: pulumi.CustomResourceOptions) {
    super("lab:kafka:Turn", name, { ...args }, opts);
  }
}
