import * as pulumi from "@pulumi/pulumi";
import type { SpreadInputs } from "../provider/spread.ts";
import type { ReachArgs } from "./turn.ts";

export type SpreadArgs = Pick<SpreadInputs, "brokers" | "megabytesPerSecond"> & ReachArgs;

/**
 * Which brokers have the partitions of a cluster: those that come get their share, and those that go give theirs away
 * before they are removed. Served by the provider in `infra/provider`.
 */
export class Spread extends pulumi.CustomResource {
  constructor(name: string, args: SpreadArgs, opts?: pulumi.CustomResourceOptions) {
    super("lab:kafka:Spread", name, { ...args, moving: undefined }, opts);
  }
}
