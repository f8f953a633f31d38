import { leastRetentionBytes } from "../../../apps/common/topics.ts";
import { type Change, change } from "../../config/clash.ts";
import type { PlannedTopic } from "../topics.ts";
import type { CoreClash, Rule } from "./rule.ts";

const KB = 1024;
const MB = 1024 * KB;

/** KB that `kafka.maxMessageKB` must be at least for the topics that do not follow it; 0 without any. */
function neededKB(topics: readonly PlannedTopic[]): number {
  const own = topics.filter(({ takesAnyMessage }) => takesAnyMessage !== true);
  return Math.ceil(Math.max(0, ...own.map(({ maxMessageBytes }) => maxMessageBytes)) / KB);
}

/** A message passes through producer, topic, brokers and dead-letter topic, so all of them must take the largest. */
export const brokersTakeMessages: Rule = ({ core: { kafka }, plan: { topics } }) => {
  const needed = neededKB(topics);
  if (needed <= kafka.maxMessageKB) return [];
  const largest = topics.filter(({ maxMessageBytes }) => Math.ceil(maxMessageBytes / KB) === needed);
  return [
    {
      key: "kafka.maxMessageKB",
      reason: `must be at least ${needed} for the largest message of ${largest.map(({ name }) => name).join(", ")}, with its headers`,
      changes: [change("kafka.maxMessageKB", needed)],
    },
  ];
};

/** What brokers can hold of a message is given by their segments and their heap. */
export const brokersHoldMessages: Rule = ({ core: { kafka }, plan: { topics } }) => {
  const { maxMessageKB, segmentMB, heapMB } = kafka;
  const needed = neededKB(topics);
  /** Messages as small as topics allow are the first choice; else the limit has to rise. */
  const clash = (most: number, reason: string, raise: Change<CoreClash["key"]>): CoreClash[] => {
    if (maxMessageKB <= most) return [];
    const lower = change("kafka.maxMessageKB", most);
    return [
      {
        key: "kafka.maxMessageKB",
        reason: `must be at most ${most}: ${reason}`,
        changes: needed <= most ? [lower, raise] : [raise],
      },
    ];
  };
  return [
    ...clash(
      segmentMB * 512,
      `half of kafka.segmentMB, which is ${segmentMB}`,
      change("kafka.segmentMB", Math.ceil(maxMessageKB / 512)),
    ),
    ...clash(
      heapMB * 128,
      `an eighth of kafka.heapMB, which is ${heapMB}`,
      change("kafka.heapMB", Math.ceil(maxMessageKB / 128)),
    ),
  ];
};

/** The least that a topic's retention key may say, so that a partition holds two segments of two messages each. */
export function leastRetentionMB(topic: PlannedTopic): number {
  const share = topic.retentionBytes / (topic.retention.MB * MB);
  return Math.ceil(leastRetentionBytes(topic) / share / MB);
}

export const messagesFitRetention: Rule = ({ plan: { topics } }) => {
  const byKey = Map.groupBy(topics, ({ retention }) => retention.key);
  return [...byKey].flatMap(([key, own]) => {
    const [tightest] = own.toSorted((a, b) => leastRetentionMB(b) - leastRetentionMB(a));
    if (tightest === undefined) return [];
    const least = leastRetentionMB(tightest);
    if (tightest.retention.MB >= least) return [];
    const largestKB = Math.ceil(tightest.maxMessageBytes / KB);
    return [
      {
        key,
        reason: `must be at least ${least}: Kafka deletes whole segments, and each must hold two of the largest messages (${tightest.name}: ${largestKB} KB)`,
        changes: [change(key, least)],
      },
    ];
  });
};
