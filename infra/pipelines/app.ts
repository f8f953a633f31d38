import type * as pulumi from "@pulumi/pulumi";
import { topicSettings } from "../../apps/common/topics.ts";
import type { LabConfig } from "../config/schema.ts";
import type { HealthCheck } from "../containers/service.ts";
import type { Binding, Host } from "../hosts/host.ts";
import type { Cluster } from "../kafka/cluster.ts";
import { type PipelineName, plannedTopics } from "../plan/capacity.ts";
import { Topic } from "../resources/topic.ts";

/** Port of every app's HTTP side within its container. */
const httpPort = 8080;

/** Where an app's HTTP side listens, and the variables that tell the app so. */
export interface HttpSide {
  readonly env: { readonly HTTP_HOST: string; readonly HTTP_PORT: number };
  readonly binding: Binding;
  /** Base URL for the operator's machine. */
  readonly url: string;
}

/**
 * The HTTP side of a service placed on a host.
 *
 * @param published its port on the operator's machine
 * @param port its own number, where it is not the one that apps have
 * @param peers whether other services of the lab use it
 */
export function httpSide(
  host: Host,
  containerName: string,
  published: number | undefined,
  { port = httpPort, peers = false } = {},
): HttpSide {
  if (published === undefined) throw new Error(`${containerName} has no port`);
  const binding = host.bind(containerName, { port, published, peers });
  return {
    env: { HTTP_HOST: binding.listenAddress, HTTP_PORT: binding.listenPort },
    binding,
    url: `http://${host.operatorAddress}:${published}`,
  };
}

/** Every app leaves word of its health in a file, and every app image has what reads it (images/node/healthy). */
export const appHealth: HealthCheck = {
  command: ["/usr/local/bin/healthy"],
  // What a check costs is Docker's own work for it; this is the longest that is not felt when the lab is stood up.
  intervalSeconds: 10,
  timeoutSeconds: 5,
  retries: 3,
  startSeconds: 60,
  waitSeconds: 180,
};

/** The topics of a pipeline, as the config sizes them. */
export function pipelineTopics(
  pipeline: PipelineName,
  config: LabConfig,
  cluster: Cluster,
  parent: pulumi.Resource,
): { topics: Topic[]; names: string[] } {
  const planned = plannedTopics(config).filter((topic) => topic.pipeline === pipeline);
  const topics = planned.map(
    (topic) =>
      new Topic(
        `topic-${topic.name}`,
        {
          bootstrapServers: [...cluster.outsideServers],
          ...(cluster.access.length === 0 ? {} : { access: [...cluster.access] }),
          name: topic.name,
          partitions: topic.partitions,
          replication: topic.replication,
          config: { ...topicSettings(topic), "min.insync.replicas": String(topic.minInsync) },
        },
        {
          parent,
          dependsOn: [...cluster.brokers],
          // With the brokers go their topics; asking brokers that are being removed to delete them could hang.
          ...(cluster.brokers[0] === undefined ? {} : { deletedWith: cluster.brokers[0].container }),
        },
      ),
  );
  return { topics, names: planned.map(({ name }) => name) };
}
