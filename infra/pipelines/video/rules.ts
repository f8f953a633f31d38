import { maxFrameMessageBytes } from "../../../apps/media/frame.ts";
import { type Clash, change, type Rule } from "../../config/clash.ts";
import { networkLoad, videoPlan } from "./plan.ts";

/** What a dead letter adds to a message. */
const deadLetterKB = 64;

export const videoReplicationFits: Rule = ({ video, kafka: { brokers } }) =>
  !video.enabled || video.replication <= brokers
    ? []
    : [
        {
          key: "video.replication",
          reason: `must be at most kafka.brokers, which is ${brokers}: every replica is on a broker of its own`,
          changes: [change("video.replication", brokers), change("kafka.brokers", video.replication)],
        },
      ];

/** A frame passes through producer, topic, brokers and dead-letter topic, so all of them must take the largest. */
export const framesFitMessages: Rule = (config) => {
  const { video, grayscale, kafka } = config;
  const largest = [
    ...videoPlan(config).topics.map(
      ({ maxMessageBytes }) => ({ key: "video.maxFrameKB", bytes: maxMessageBytes }) as const,
    ),
    ...(grayscale.enabled
      ? [
          {
            key: "grayscale.maxFrameKB",
            bytes: maxFrameMessageBytes("jpeg", grayscale.maxFrameKB * 1024),
          } as const,
        ]
      : []),
  ].sort((a, b) => b.bytes - a.bytes)[0];
  if (largest === undefined) return [];
  const neededKB = Math.ceil(largest.bytes / 1024) + deadLetterKB;
  if (neededKB <= kafka.maxMessageKB) return [];
  const now = largest.key === "video.maxFrameKB" ? video.maxFrameKB : grayscale.maxFrameKB;
  return [
    {
      key: "kafka.maxMessageKB",
      reason: `must be at least ${neededKB} for the largest frame (${largest.key} is ${now}), with its headers, and in Base64 where a topic has the format json`,
      changes: [change("kafka.maxMessageKB", neededKB)],
    },
  ];
};

/** A message in a topic of frames must fit into a quarter of what a partition keeps, as segments are of that size. */
export const framesFitRetention: Rule = (config) => {
  const { video } = config;
  const largest = Math.max(0, ...videoPlan(config).topics.map(({ maxMessageBytes }) => maxMessageBytes));
  const neededMB = Math.ceil((largest * 4) / 1024 ** 2);
  if (video.retentionMB >= neededMB) return [];
  return [
    {
      key: "video.retentionMB",
      reason: `must be at least ${neededMB}: Kafka deletes whole segments, and each must hold two of the largest frames`,
      changes: [change("video.retentionMB", neededMB)],
    },
  ];
};

/** One topic has one format, and what reads a topic has something to read. */
export const camerasAgree: Rule = (config) => {
  if (!config.video.enabled) return [];
  const { cameras, consumers, topics } = videoPlan(config);
  const mixed = topics.filter(({ name, format }) =>
    cameras.some((camera) => camera.topic === name && camera.format !== format),
  );
  const known = new Set(topics.map(({ name }) => name));
  const idle = consumers.filter(({ topic }) => !known.has(topic));
  const clashes: Clash[] = [];
  if (mixed.length > 0) {
    clashes.push({
      key: "video.cameras",
      reason: `has cameras of different formats on one topic: ${mixed.map(({ name }) => name).join(", ")}; one topic has one format`,
      changes: [change("video.cameras", "")],
    });
  }
  if (idle.length > 0) {
    clashes.push({
      key: "video.consumers",
      reason: `reads topics that no camera sends to: ${idle.map(({ name, topic }) => `${name} reads ${topic}`).join(", ")}; the cameras send to ${[...known].join(", ")}`,
      changes: [change("video.consumers", "")],
    });
  }
  return clashes;
};

export const framesFitNetwork: Rule = (config) => {
  const { captured, total } = networkLoad(config);
  const mbps = (bytesPerSecond: number) => Math.ceil((bytesPerSecond * 8) / 1e6);
  if (mbps(total) <= config.network.capacityMbps) return [];
  const { cameras } = videoPlan(config);
  const sizes = cameras.map(({ name, fps, maxFrameKB }) => `${name} ${fps}/s × ${maxFrameKB} KB`);
  return [
    {
      key: "network.capacityMbps",
      reason: `must be at least ${mbps(total)} for the cameras (${sizes.join(", ")}): they send ${mbps(captured)} Mbit/s, which goes over the network once from the cameras, ${config.video.replication} times to brokers and once to each consumer`,
      changes: [change("network.capacityMbps", mbps(total))],
    },
  ];
};
