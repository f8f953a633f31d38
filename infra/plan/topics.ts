import { deadLetterName, deadLetterTopic, segmentBytes } from "../../apps/common/topics.ts";
import type { CoreConfig } from "../config/schema.ts";
import type { TablesPlan, TopicPlan } from "./parts.ts";
import type { PipelinePart } from "./services.ts";

const MB = 1024 * 1024;
export const GB = 1024 * MB;

/** A topic as the lab has it, dead letters among them. */
export interface PlannedTopic extends TopicPlan {
  readonly pipeline: string;
  readonly segmentBytes: number;
  /** The topic whose dead letters it has; undefined for any other. */
  readonly deadLettersOf?: string;
}

/** All topics of the pipelines, those of each one before their dead letters. */
export function plannedTopics(
  { kafka }: CoreConfig,
  parts: readonly PipelinePart[],
): readonly PlannedTopic[] {
  return parts.flatMap(({ name: pipeline, plan }) => {
    const sized = (topic: TopicPlan) => ({
      ...topic,
      pipeline,
      segmentBytes: segmentBytes(topic, kafka.segmentMB * MB),
    });
    // Nobody knows how much is damaged.
    const deadLetters = plan.topics.map(({ bytesPerSecond: _, live: __, ...topic }) => ({
      ...sized(deadLetterTopic(topic)),
      deadLettersOf: topic.name,
    }));
    return [...plan.topics.map(sized), ...deadLetters];
  });
}

/** The topics that a service needs: what it reads, with the dead letters of that, and what it writes. */
export function topicsOf({
  reads = [],
  writes = [],
}: {
  readonly reads?: readonly { readonly topic: string }[];
  readonly writes?: readonly string[];
}): ReadonlySet<string> {
  return new Set([...reads.flatMap(({ topic }) => [topic, deadLetterName(topic)]), ...writes]);
}

/**
 * The most that one replica of a topic takes on disk, in bytes. Kafka deletes whole closed segments, so each
 * partition can hold its byte limit and one segment more. Where the messages of the retention time are fewer than
 * the byte limit allows, these count.
 */
export function topicBytes(topic: Omit<PlannedTopic, "pipeline">): number {
  const bySize = topic.partitions * topic.retentionBytes;
  const flow = topic.bytesPerSecond ?? Number.POSITIVE_INFINITY;
  const byTime = (flow * topic.retentionMs) / 1000;
  return Math.ceil(Math.min(bySize, byTime)) + topic.partitions * topic.segmentBytes;
}

/** What a topic may come to take on the disks of all brokers together, in bytes. */
export function diskBytes(topic: PlannedTopic): number {
  return topicBytes(topic) * topic.replication;
}

/** What all topics may come to take on the disks of all brokers together, in bytes. */
export function totalBytes(topics: readonly PlannedTopic[]): number {
  return topics.reduce((sum, topic) => sum + diskBytes(topic), 0);
}

/** What all tables of the database may come to take, in bytes. */
export function tablesBytes(tables: readonly TablesPlan[]): number {
  return tables.reduce((sum, { bytes }) => sum + bytes, 0);
}
