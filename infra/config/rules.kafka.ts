import { change, type Rule } from "./clash.ts";

export const replicationFits: Rule = ({ kafka: { replication, brokers } }) =>
  replication <= brokers
    ? []
    : [
        {
          key: "kafka.replication",
          reason: `must be at most kafka.brokers, which is ${brokers}: every replica is on a broker of its own`,
          changes: [change("kafka.replication", brokers), change("kafka.brokers", replication)],
        },
      ];

export const minInsyncFits: Rule = ({ kafka: { minInsync, replication } }) => {
  if (minInsync <= replication) return [];
  return [
    {
      key: "kafka.minInsync",
      reason: `must be at most kafka.replication, which is ${replication}: no write could ever be acknowledged`,
      changes: [change("kafka.minInsync", replication)],
    },
  ];
};

export const heapFits: Rule = ({ kafka: { heapMB, memoryMB } }) => {
  const needed = Math.ceil(heapMB * 1.5);
  if (memoryMB >= needed) return [];
  return [
    {
      key: "kafka.memoryMB",
      reason: `must be at least 1.5 × kafka.heapMB, which makes ${needed}: a JVM needs more than its heap`,
      changes: [change("kafka.memoryMB", needed)],
    },
  ];
};

export const messageFits: Rule = ({ kafka, classification }) => {
  const limits = [
    { most: kafka.segmentMB * 512, reason: `half of kafka.segmentMB, which is ${kafka.segmentMB}` },
    { most: kafka.heapMB * 128, reason: `an eighth of kafka.heapMB, which is ${kafka.heapMB}` },
    {
      most: classification.retentionMB * 256,
      reason: `a quarter of classification.retentionMB, which is ${classification.retentionMB}`,
    },
  ].sort((a, b) => a.most - b.most);
  const [limit] = limits;
  if (limit === undefined || kafka.maxMessageKB <= limit.most) return [];
  return [
    {
      key: "kafka.maxMessageKB",
      reason: `must be at most ${limit.most}: ${limit.reason}`,
      changes: [change("kafka.maxMessageKB", limit.most)],
    },
  ];
};

export const classifiersHaveWork: Rule = ({ classification: { classifiers, partitions } }) =>
  classifiers <= partitions
    ? []
    : [
        {
          key: "classification.classifiers",
          reason: `must be at most classification.partitions, which is ${partitions}: a partition is read by one classifier of the group, so the others would have nothing to do`,
          changes: [
            change("classification.classifiers", partitions),
            change("classification.partitions", classifiers),
          ],
        },
      ];
