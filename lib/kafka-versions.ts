/** The Kafkas that a lab can have, each with an image of its own, `images/kafka-<version>`; the newest first. */
export const kafkaVersions = ["4.2", "3.9"] as const;
export type KafkaVersion = (typeof kafkaVersions)[number];

/** The last one that can be coordinated by ZooKeeper. */
export const zookeeperKafka: KafkaVersion = "3.9";
