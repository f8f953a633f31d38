import { createRequire } from "node:module";
import type { Socket } from "node:net";
import kafkajs from "kafkajs";
import { messageOf } from "./errors.ts";
import { type ReplicaMoves, replicaMoves, throttledReplicas } from "./kafka-moves.ts";
import { spreadReplicas } from "./replicas.ts";
import { waitFor } from "./retry.ts";

export type { PlacedPartition, ReplicaMoves } from "./kafka-moves.ts";

export interface AdminOptions {
  /** `host:port` of every broker. */
  readonly bootstrapServers: readonly string[];
  readonly clientId: string;
  /** Makes the connection to a broker; a plain TCP one when left out. */
  readonly connect?: (host: string, port: number) => Socket;
}

/** A topic as the brokers have it. */
export interface TopicState {
  readonly partitions: number;
  /** Replicas of each partition; the smallest number when partitions differ. */
  readonly replication: number;
  /** The topic's own settings, without what it inherits from the brokers. */
  readonly config: Record<string, string>;
}

export interface TopicSpec extends TopicState {
  readonly name: string;
}

export interface BrokerAddress {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

/** Where a consumer group stands in one partition. */
export interface PartitionLag {
  readonly partition: number;
  /** Next offset that the group will read; null when it has committed none. */
  readonly committed: bigint | null;
  /** Offset that the next message will get. */
  readonly end: bigint;
  /** Messages yet to be read, all of them when nothing is committed; never negative. */
  readonly lag: bigint;
}

/** The administrative side of a cluster. Changes are complete only when the matching `await…` says so. */
export interface KafkaAdmin extends ReplicaMoves {
  brokers(): Promise<BrokerAddress[]>;
  topics(): Promise<string[]>;
  describeTopic(name: string): Promise<TopicState | undefined>;
  createTopic(spec: TopicSpec): Promise<void>;
  /** Waits until every partition of the topic has a leader and all its replicas in sync. */
  awaitTopic(spec: Pick<TopicSpec, "name" | "partitions" | "replication">, waitMs: number): Promise<void>;
  /** Grows the topic to `partitions` in all. */
  addPartitions(name: string, partitions: number): Promise<void>;
  /** Moves every partition to `replication` replicas, keeping leaders where they are, and waits for it. */
  setReplication(name: string, replication: number, waitMs: number): Promise<void>;
  /** Makes these the topic's own settings; any other goes back to the brokers' default. */
  setTopicConfig(name: string, config: Readonly<Record<string, string>>): Promise<void>;
  /** Deletes the topic if it exists and waits until the brokers have forgotten it. */
  deleteTopic(name: string, waitMs: number): Promise<void>;
  /** Partitions of these topics without a leader or with a replica that is not in sync, as `topic-partition`. */
  behind(topics: readonly string[]): Promise<string[]>;
  /** Lag of a consumer group on one topic, partition by partition. */
  lag(groupId: string, topic: string): Promise<PartitionLag[]>;
  close(): Promise<void>;
}

/**
 * Connects to a cluster. kafkajs is used for administration only; messages go through kafka.ts.
 * @throws when no broker answers
 */
export async function openAdmin({ bootstrapServers, clientId, connect }: AdminOptions): Promise<KafkaAdmin> {
  silenceTimerBug();
  const kafka = new kafkajs.Kafka({
    clientId,
    brokers: [...bootstrapServers],
    connectionTimeout: 5000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 200, maxRetryTime: 5000, retries: 5 },
    logLevel: kafkajs.logLevel.NOTHING,
    ...(connect === undefined ? {} : { socketFactory: socketFactory(connect) }),
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
  } catch (error) {
    throw new Error(`no Kafka broker answers at ${bootstrapServers.join(", ")}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return adminOf(admin, replicaMoves(admin, bootstrapServers, connect));
}

function socketFactory(connect: (host: string, port: number) => Socket): kafkajs.ISocketFactory {
  return ({ host, port, onConnect }) => connect(host, port).once("connect", onConnect);
}

function adminOf(admin: kafkajs.Admin, moves: ReplicaMoves): KafkaAdmin {
  const partitionsOf = async (name: string): Promise<kafkajs.PartitionMetadata[] | undefined> => {
    if (!(await admin.listTopics()).includes(name)) return undefined;
    const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
    return topics[0]?.partitions;
  };
  const brokers = async (): Promise<BrokerAddress[]> =>
    (await admin.describeCluster()).brokers
      .map(({ nodeId, host, port }) => ({ id: nodeId, host, port }))
      .sort((a, b) => a.id - b.id);
  const awaitTopic: KafkaAdmin["awaitTopic"] = async ({ name, partitions, replication }, waitMs) => {
    const inSync = async () => {
      const found = await partitionsOf(name);
      const whole = ({ leader, isr, replicas }: kafkajs.PartitionMetadata) =>
        leader >= 0 && isr.length === replication && replicas.length === replication;
      return found?.length === partitions && found.every(whole) ? true : undefined;
    };
    await waitFor(`all replicas of topic ${name} to be in sync`, inSync, { timeoutMs: waitMs });
  };

  return {
    ...moves,
    brokers,
    topics: () => admin.listTopics(),
    awaitTopic,
    describeTopic: async (name) => {
      const partitions = await partitionsOf(name);
      if (partitions === undefined) return undefined;
      const replication = Math.min(...partitions.map(({ replicas }) => replicas.length));
      return { partitions: partitions.length, replication, config: await ownSettings(admin, name) };
    },
    createTopic: async ({ name, partitions, replication, config }) => {
      const configEntries = Object.entries(config).map(([key, value]) => ({ name: key, value }));
      const topic = { topic: name, numPartitions: partitions, replicationFactor: replication, configEntries };
      // kafkajs's own wait for leaders fails when it asks a broker that has not heard of the topic yet.
      await explained(
        `topic ${name} cannot be created`,
        admin.createTopics({ topics: [topic], timeout: 30_000, waitForLeaders: false }),
      );
    },
    addPartitions: async (name, partitions) => {
      const topicPartitions = [{ topic: name, count: partitions }];
      await explained(
        `topic ${name} cannot get ${partitions} partitions`,
        admin.createPartitions({ topicPartitions }),
      );
    },
    setReplication: async (name, replication, waitMs) => {
      const [partitions, known] = [await partitionsOf(name), await brokers()];
      if (partitions === undefined) throw new Error(`topic ${name} does not exist`);
      const current = partitions
        .toSorted((a, b) => a.partitionId - b.partitionId)
        .map(({ replicas }) => replicas);
      const wanted = spreadReplicas(
        current,
        replication,
        known.map(({ id }) => id),
      );
      const partitionAssignment = wanted.map((replicas, partition) => ({ partition, replicas }));
      const topics = [{ topic: name, partitionAssignment }];
      await explained(
        `replicas of topic ${name} cannot be moved`,
        admin.alterPartitionReassignments({ topics }),
      );
      await awaitTopic({ name, partitions: partitions.length, replication }, waitMs);
    },
    setTopicConfig: async (name, config) => {
      const configEntries = Object.entries(config).map(([key, value]) => ({ name: key, value }));
      const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name, configEntries }];
      await explained(
        `topic ${name} refuses its settings`,
        admin.alterConfigs({ validateOnly: false, resources }),
      );
    },
    deleteTopic: async (name, waitMs) => {
      if (!(await admin.listTopics()).includes(name)) return;
      await explained(
        `topic ${name} cannot be deleted`,
        admin.deleteTopics({ topics: [name], timeout: 30_000 }),
      );
      const gone = async () => ((await admin.listTopics()).includes(name) ? undefined : true);
      await waitFor(`topic ${name} to be gone`, gone, { timeoutMs: waitMs });
    },
    behind: async (topics) => {
      const { topics: found } = await admin.fetchTopicMetadata({ topics: [...topics] });
      return found.flatMap(({ name, partitions }) =>
        partitions
          .filter(({ leader, isr, replicas }) => leader < 0 || isr.length < replicas.length)
          .map(({ partitionId }) => `${name}-${partitionId}`),
      );
    },
    lag: async (groupId, topic) => {
      // The group's offsets first: the other way round, messages read in between make the lag negative.
      const [group] = await admin.fetchOffsets({ groupId, topics: [topic] });
      const committed = new Map(
        (group?.partitions ?? []).map(({ partition, offset }) => [partition, BigInt(offset)]),
      );
      const ends = await admin.fetchTopicOffsets(topic);
      return ends
        .toSorted((a, b) => a.partition - b.partition)
        .map(({ partition, high, low }) =>
          partitionLag(partition, committed.get(partition), BigInt(low), BigInt(high)),
        );
    },
    close: () => admin.disconnect(),
  };
}

function partitionLag(
  partition: number,
  committed: bigint | undefined,
  low: bigint,
  end: bigint,
): PartitionLag {
  const known = committed !== undefined && committed >= 0n ? committed : null;
  const from = known === null || known < low ? low : known;
  return { partition, committed: known, end, lag: end > from ? end - from : 0n };
}

/** These come and go with moving replicas. */
const moveSettings: ReadonlySet<string> = new Set(throttledReplicas);

async function ownSettings(admin: kafkajs.Admin, topic: string): Promise<Record<string, string>> {
  const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }];
  const { resources: found } = await admin.describeConfigs({ resources, includeSynonyms: false });
  const own = (found[0]?.configEntries ?? []).filter(
    ({ configSource, configName }) =>
      configSource === kafkajs.ConfigSource.TOPIC_CONFIG && !moveSettings.has(configName),
  );
  const pairs = own.map(({ configName, configValue }): [string, string] => [configName, configValue]);
  return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** kafkajs hides what the broker refused in a list inside its error. */
async function explained<T>(what: string, done: Promise<T>): Promise<T> {
  try {
    return await done;
  } catch (error) {
    throw new Error(`${what}: ${messageOf(error)}`, { cause: error });
  }
}

interface TimerOwner {
  throttledUntil: number;
  pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

let silenced = false;

/**
 * kafkajs 2.2.4 sets a timer for a time in the past after each answer, which makes Node 24 print a
 * TimeoutNegativeWarning each time. The timer is of use only when requests wait, so it is left out when none do.
 */
function silenceTimerBug(): void {
  if (silenced) return;
  silenced = true;
  const RequestQueue: { prototype: TimerOwner } = createRequire(import.meta.url)(
    "kafkajs/src/network/requestQueue",
  );
  const original = RequestQueue.prototype.scheduleCheckPendingRequests;
  RequestQueue.prototype.scheduleCheckPendingRequests = function scheduleWhenOfUse(this: TimerOwner) {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) original.call(this);
  };
}
