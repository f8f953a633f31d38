import type * as pulumi from "@pulumi/pulumi";
import { topicSettings } from "../../apps/common/topics.ts";
import { type PipelineName, plannedTopics } from "../capacity.ts";
import type { LabConfig } from "../config.schema.ts";
import type { Cluster } from "../kafka/cluster.ts";
import { Topic } from "../kafka/topic.ts";
import type { HealthCheck } from "../service.ts";

/** Port of every app's HTTP side within its container. */
export const httpPort = 8080;

/** Every app answers `/healthz` with 200 when it does its work; Node is what each app image has for asking. */
export const appHealth: HealthCheck = {
  command: ["node", "/app/apps/common/healthcheck.ts"],
  intervalSeconds: 5,
  timeoutSeconds: 5,
  retries: 6,
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
