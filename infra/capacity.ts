import { imagesTopics } from "../apps/images/contract.ts";
import type { LabConfig } from "./config.schema.ts";

const KB = 1024;
const MB = 1024 * KB;
export const GB = 1024 * MB;
const hourMs = 3_600_000;

/** Room in a message beside the image: its headers and framing, and once more for what a dead letter adds. */
const messageOverheadBytes = 2 * 64 * KB;

/**
 * What one message of the simulated devices takes in a log, upper estimates: a 32 × 32 RGB image has 3072 bytes
 * before PNG and its headers some hundred; a result is JSON with five labels.
 */
const estimatedBytes: Readonly<Record<string, number>> = { images: 4 * KB, "image-results": KB };

/** A topic as the config sizes it. */
export interface TopicSize {
  readonly name: string;
  readonly partitions: number;
  readonly retentionMs: number;
  /** Limit of one partition. */
  readonly retentionBytes: number;
  readonly segmentBytes: number;
}

/** Largest image that fits into a message of `kafka.maxMessageKB`, even when it ends as a dead letter; bytes. */
export function maxImageBytes(config: LabConfig): number {
  return config.kafka.maxMessageKB * KB - messageOverheadBytes;
}

/** The topics that the configured lab has, with partitions, retention, segments and message limits as configured. */
export function plannedTopics(config: LabConfig): ReturnType<typeof imagesTopics> {
  const { images, kafka } = config;
  if (!images.enabled) return [];
  return imagesTopics({
    partitions: images.partitions,
    retentionMs: images.retentionHours * hourMs,
    retentionBytes: images.retentionMB * MB,
    maxImageBytes: maxImageBytes(config),
  }).map((topic) => ({ ...topic, segmentBytes: Math.min(topic.segmentBytes, kafka.segmentMB * MB) }));
}

/**
 * The most that one replica of a topic takes on disk, in bytes. Kafka deletes whole closed segments, so each
 * partition can hold its byte limit and one segment more. Where the messages of the retention time are fewer than
 * the byte limit allows, these count.
 *
 * @param bytesPerSecond what is written to the topic; Infinity when nothing is known of it
 */
export function topicBytes(topic: TopicSize, bytesPerSecond: number): number {
  const bySize = topic.partitions * topic.retentionBytes;
  const byTime = (bytesPerSecond * topic.retentionMs) / 1000;
  return Math.ceil(Math.min(bySize, byTime)) + topic.partitions * topic.segmentBytes;
}

export interface DiskUse {
  readonly topic: TopicSize;
  /** All replicas together. */
  readonly bytes: number;
}

/** What each topic of the lab may come to take on the disks of all brokers together. */
export function diskUse(config: LabConfig): readonly DiskUse[] {
  const messagesPerSecond = config.producers * config.images.rate;
  return plannedTopics(config).map((topic) => {
    const size = estimatedBytes[topic.name];
    const flow = size === undefined ? Number.POSITIVE_INFINITY : messagesPerSecond * size;
    return { topic, bytes: topicBytes(topic, flow) * config.kafka.replication };
  });
}

/** Sum of {@link diskUse}, in bytes. */
export function totalBytes(config: LabConfig): number {
  return diskUse(config).reduce((sum, { bytes }) => sum + bytes, 0);
}
