import {
  ConfigResourceTypes,
  describeQuorumV0,
  IncrementalAlterConfigOperationTypes,
  incrementalAlterConfigsV1,
} from "@platformatic/kafka";
import kafkajs from "kafkajs";
import { type AskOptions, anyOf, ask } from "./kafka-request.ts";
import type { Placed } from "./reassign.ts";

/** A partition as the brokers have it. While its replicas move, `replicas` are the old and the new ones. */
export interface PlacedPartition extends Placed {
  readonly inSync: readonly number[];
  /** -1 where none leads. */
  readonly leader: number;
}

/** A partition whose replicas are on their way. */
export interface Moving {
  readonly topic: string;
  readonly partition: number;
  /** Where they will be in the end. */
  readonly replicas: readonly number[];
}

/** What moves replicas between brokers, and what there is to know of it. Kafka's own topics are among all others. */
export interface ReplicaMoves {
  partitions(): Promise<PlacedPartition[]>;
  /** Begins to move replicas; what is on its way already to somewhere else is redirected. */
  move(to: readonly Placed[]): Promise<void>;
  moving(): Promise<Moving[]>;
  /** Bounds what moving replicas of these topics may take, at each broker and each way. Those in sync are free of it. */
  throttle(topics: readonly string[], bytesPerSecond: number): Promise<void>;
  /** Topics whose moves are bounded. */
  throttled(): Promise<string[]>;
  unthrottle(topics: readonly string[]): Promise<void>;
  /** Messages in each of these topics that there are. */
  messages(topics: readonly string[]): Promise<ReadonlyMap<string, bigint>>;
  /**
   * The broker or controller that decides for the cluster; undefined while there is none. With KRaft it is who leads the
   * quorum: what the brokers' metadata call the controller is any broker there.
   */
  controller(): Promise<number | undefined>;
}

/** Settings of a topic that moving its replicas is bounded by, and nothing else. */
export const throttledReplicas = [
  "leader.replication.throttled.replicas",
  "follower.replication.throttled.replicas",
] as const;
const throttledRates = ["leader.replication.throttled.rate", "follower.replication.throttled.rate"] as const;
/** The name that stands for all brokers. */
const everyBroker = "";

const { SET, DELETE } = IncrementalAlterConfigOperationTypes;
type Altered = Parameters<typeof incrementalAlterConfigsV1.createRequest>[0][number];
type Setting = Altered["configs"][number];
const set = (name: string, value: string): Setting => ({ name, value, configOperation: SET });
const unset = (name: string): Setting => ({ name, configOperation: DELETE });

/** @param servers `host:port` of brokers, any of which is asked what kafkajs cannot ask */
export function replicaMoves(
  admin: kafkajs.Admin,
  servers: readonly string[],
  connect: AskOptions["connect"],
): ReplicaMoves {
  const alter = (resources: readonly Altered[]) =>
    anyOf(servers, (server) => ask(server, incrementalAlterConfigsV1, [[...resources], false], { connect }));
  const ofTopics = (topics: readonly string[], configs: readonly Setting[]) =>
    topics.map((resourceName) => ({
      resourceType: ConfigResourceTypes.TOPIC,
      resourceName,
      configs: [...configs],
    }));
  const ofBrokers = (configs: readonly Setting[]) => ({
    resourceType: ConfigResourceTypes.BROKER,
    resourceName: everyBroker,
    configs: [...configs],
  });
  const allTopics = async () => (await admin.fetchTopicMetadata()).topics;

  return {
    partitions: async () =>
      (await allTopics())
        .flatMap(({ name, partitions }) =>
          partitions.map(({ partitionId, replicas, isr, leader }) => ({
            topic: name,
            partition: partitionId,
            replicas,
            inSync: isr,
            leader,
          })),
        )
        .sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition)),
    move: async (to) => {
      const byTopic = Map.groupBy(to, ({ topic }) => topic);
      const topics = [...byTopic].map(([topic, partitions]) => ({
        topic,
        partitionAssignment: partitions.map(({ partition, replicas }) => ({
          partition,
          replicas: [...replicas],
        })),
      }));
      await admin.alterPartitionReassignments({ topics, timeout: 30_000 });
    },
    moving: async () => {
      const { topics } = await admin.listPartitionReassignments({ timeout: 30_000 });
      return topics.flatMap(({ topic, partitions }) =>
        partitions.map(({ partitionIndex, replicas, removingReplicas = [] }) => ({
          topic,
          partition: partitionIndex,
          replicas: replicas.filter((id) => !removingReplicas.includes(id)),
        })),
      );
    },
    throttle: async (topics, bytesPerSecond) => {
      const rates = throttledRates.map((name) => set(name, String(Math.round(bytesPerSecond))));
      const all = throttledReplicas.map((name) => set(name, "*"));
      await alter([ofBrokers(rates), ...ofTopics(topics, all)]);
    },
    throttled: async () => {
      const names = (await allTopics()).map(({ name }) => name);
      if (names.length === 0) return [];
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: names.map((name) => ({
          type: kafkajs.ConfigResourceTypes.TOPIC,
          name,
          configNames: [...throttledReplicas],
        })),
      });
      return resources
        .filter(({ configEntries }) => configEntries.some(({ configValue }) => (configValue ?? "") !== ""))
        .map(({ resourceName }) => resourceName);
    },
    unthrottle: async (topics) => {
      await alter([ofBrokers(throttledRates.map(unset)), ...ofTopics(topics, throttledReplicas.map(unset))]);
    },
    messages: async (topics) => {
      const there = new Set(await admin.listTopics());
      const counts = new Map<string, bigint>();
      // One after the other: kafkajs mixes up the answers of questions that it is asked at once.
      for (const topic of topics.filter((one) => there.has(one))) {
        const offsets = await admin.fetchTopicOffsets(topic);
        counts.set(
          topic,
          offsets.reduce((sum, { high, low }) => sum + BigInt(high) - BigInt(low), 0n),
        );
      }
      return counts;
    },
    controller: async () => {
      const metadataLog = [{ topicName: "__cluster_metadata", partitions: [{ partitionIndex: 0 }] }];
      try {
        const { topics } = await anyOf(servers, (server) =>
          ask(server, describeQuorumV0, [metadataLog], { connect }),
        );
        const leader = topics[0]?.partitions[0]?.leaderId ?? -1;
        return leader < 0 ? undefined : leader;
      } catch {
        // A cluster on ZooKeeper has no such log, and says itself which broker it is; with the log, that is any of them.
        return (await admin.describeCluster()).controller ?? undefined;
      }
    },
  };
}
