import * as pulumi from "@pulumi/pulumi";
import type { IdentityInputs } from "../provider/cluster-identity.ts";

/**
 * A Kafka cluster's id, drawn once and kept in the state, and what knows its topics, which a
 * preview refuses to change. Served by the provider in `infra/provider`.
 */
export class ClusterIdentity extends pulumi.CustomResource {
  declare readonly clusterId: pulumi.Output<string>;
  /** The controllers that make up the quorum at first; empty where who votes is a fixed list. */
  declare readonly firstVoters: pulumi.Output<string>;

  constructor(name: string, args: IdentityInputs, opts?: pulumi.CustomResourceOptions) {
    super("lab:kafka:ClusterIdentity", name, { ...args, clusterId: undefined, firstVoters: undefined }, opts);
  }
}
