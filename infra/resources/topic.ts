import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../../lib/ssh/connection.ts";
import type { TopicInputs } from "../provider/topic.ts";

export type TopicArgs = {
  [K in Exclude<keyof TopicInputs, "access">]: pulumi.Input<TopicInputs[K]>;
} & { access?: { connection: pulumi.Input<Connection>; ports: number[] }[] };

/**
 * A Kafka topic. Created when every partition has a leader and enough in-sync replicas. More partitions, another
 * replication factor and other settings are applied in place; another name replaces it, and fewer partitions
 * are refused, since Kafka cannot take any away. Served by the provider in `infra/provider`.
 */
export class Topic extends pulumi.CustomResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly partitions: pulumi.Output<number>;

  constructor(name: string, args: TopicArgs, opts?: pulumi.CustomResourceOptions) {
    super("lab:kafka:Topic", name, { ...args }, opts);
  }
}
