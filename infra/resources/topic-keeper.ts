import * as pulumi from "@pulumi/pulumi";
import type { KeeperInputs } from "../provider/topic-keeper.ts";
import type { ReachArgs } from "./turn.ts";

export type TopicKeeperArgs = Pick<KeeperInputs, "topics" | "discard" | "kept"> & ReachArgs;

/** Lets no topic go that holds messages, unless it is given up. Served by the provider in `infra/provider`. */
export class TopicKeeper extends pulumi.CustomResource {
  constructor(name: string, args: TopicKeeperArgs, opts?: pulumi.CustomResourceOptions) {
    super("lab:kafka:TopicKeeper", name, { ...args }, opts);
  }
}
