import * as pulumi from "@pulumi/pulumi";
import type { QuorumInputs } from "../provider/quorum.ts";
import type { ReachArgs } from "./turn.ts";

export type QuorumArgs = Pick<QuorumInputs, "controllers"> & ReachArgs;

/**
 * Who votes in a KRaft quorum of controllers beside the brokers: those that come get their vote, and those that go lose
 * it before they are removed. Served by the provider in `infra/provider`.
 */
export class Quorum extends pulumi.CustomResource {
  constructor(name: string, args: QuorumArgs, opts?: pulumi.CustomResourceOptions) {
    super("lab:kafka:Quorum", name, { ...args, voters: undefined }, opts);
  }
}
