import { imagesTopics } from "../../apps/classification/contract.ts";
import { deadLetterTopic, type TopicDefinition } from "../../apps/common/topics.ts";
import { grayscaleTopics as pipelineTopics } from "../../apps/grayscale/contract.ts";
import type { LabConfig } from "../config/schema.ts";
import { segmentBytes, videoPlan } from "../pipelines/video/plan.ts";

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

/** Which pipeline a topic belongs to. */
export type PipelineName = "classification" | "video" | "grayscale";

/** A topic as the configured lab has it. */
export interface PlannedTopic extends TopicDefinition {
  readonly pipeline: PipelineName;
  readonly replication: number;
  readonly minInsync: number;
  /** What is written to it at most; Infinity when nothing is known of it. */
  readonly bytesPerSecond: number;
}

/** The topics that the configured lab has, with partitions, retention, segments and message limits as configured. */
export function plannedTopics(config: LabConfig): readonly PlannedTopic[] {
  return [...imageTopics(config), ...videoTopics(config), ...grayscaleTopics(config)];
}

function imageTopics(config: LabConfig): PlannedTopic[] {
  const { classification, kafka, producers } = config;
  if (!classification.enabled) return [];
  const messagesPerSecond = producers * classification.rate;
  return imagesTopics({
    partitions: classification.partitions,
    retentionMs: classification.retentionHours * hourMs,
    retentionBytes: classification.retentionMB * MB,
    maxImageBytes: maxImageBytes(config),
  }).map((topic) => ({
    ...topic,
    pipeline: "classification",
    replication: kafka.replication,
    minInsync: kafka.minInsync,
    segmentBytes: Math.min(topic.segmentBytes, kafka.segmentMB * MB),
    bytesPerSecond: flowOf(topic.name, messagesPerSecond),
  }));
}

/** Bytes a second of a topic of images; of dead letters nothing is known. */
function flowOf(topic: string, messagesPerSecond: number): number {
  const size = estimatedBytes[topic];
  return size === undefined ? Number.POSITIVE_INFINITY : messagesPerSecond * size;
}

function videoTopics(config: LabConfig): PlannedTopic[] {
  const { replication } = config.video;
  const minInsync = Math.min(config.kafka.minInsync, replication);
  return videoPlan(config).topics.flatMap(({ bytesPerSecond, format: _, ...topic }) => {
    const common = { pipeline: "video", replication, minInsync } as const;
    return [
      { ...topic, ...common, bytesPerSecond },
      // Nobody knows how much is damaged: the byte limit counts.
      { ...deadLetterTopic(topic), ...common, bytesPerSecond: Number.POSITIVE_INFINITY },
    ];
  });
}

function grayscaleTopics(config: LabConfig): PlannedTopic[] {
  const { grayscale, kafka } = config;
  if (!grayscale.enabled) return [];
  const maxFrameBytes = grayscale.maxFrameKB * KB;
  return pipelineTopics({
    partitions: grayscale.partitions,
    retentionBytes: grayscale.retentionMB * MB,
    maxFrameBytes,
    maxProcessedBytes: maxFrameBytes,
  }).map((topic) => ({
    ...topic,
    pipeline: "grayscale",
    replication: kafka.replication,
    minInsync: kafka.minInsync,
    segmentBytes: segmentBytes(topic.retentionBytes, kafka.segmentMB, topic.maxMessageBytes),
    bytesPerSecond: Number.POSITIVE_INFINITY,
  }));
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
  readonly topic: PlannedTopic;
  /** All replicas together. */
  readonly bytes: number;
}

/** What each topic of the lab may come to take on the disks of all brokers together. */
export function diskUse(config: LabConfig): readonly DiskUse[] {
  return plannedTopics(config).map((topic) => ({
    topic,
    bytes: topicBytes(topic, topic.bytesPerSecond) * topic.replication,
  }));
}

/** Sum of {@link diskUse}, in bytes. */
export function totalBytes(config: LabConfig): number {
  return diskUse(config).reduce((sum, { bytes }) => sum + bytes, 0);
}
