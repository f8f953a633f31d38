/** What a topic carries and how it is kept. The infrastructure creates topics from these; apps use their names. */
export interface TopicDefinition {
  readonly name: string;
  /** What the key of a message is, for people. */
  readonly key: string;
  /** What the value of a message is and how it is encoded, for people. */
  readonly value: string;
  /** Default number of partitions; config can raise it. */
  readonly partitions: number;
  /** How long a message is kept, in milliseconds. */
  readonly retentionMs: number;
  /** How much is kept of one partition, in bytes, whatever its age. */
  readonly retentionBytes: number;
  /** Largest record batch that the topic accepts, in bytes, headers and framing included. */
  readonly maxMessageBytes: number;
}

/** What Kafka adds to a value at most: headers, key and the framing of its batch; bytes. */
export const messageOverheadBytes = 65_536;

const deadLetterSuffix = ".dlq";
const nameOfAtMost = (length: number) => new RegExp(`^(?!\\.{1,2}$)[a-zA-Z0-9._-]{1,${length}}$`);
/** Names that Kafka takes. */
export const kafkaTopicPattern = nameOfAtMost(249);
/** Names of topics that have a dead-letter topic beside them. */
export const topicNamePattern = nameOfAtMost(249 - deadLetterSuffix.length);

/** Segments that must fit into what is kept of a partition. */
const segmentsKept = 4;
/** Messages of the largest kind that must fit into a segment. */
const messagesInSegment = 2;

/**
 * Size of a topic's segments, in bytes. Kafka deletes whole segments only, so one is a quarter of what is kept of a
 * partition, unless two of the largest messages need more.
 *
 * @param most the brokers' own limit
 */
export function segmentBytes(topic: TopicDefinition, most = Number.POSITIVE_INFINITY): number {
  const { retentionBytes, maxMessageBytes } = topic;
  return Math.max(
    Math.min(Math.floor(retentionBytes / segmentsKept), most),
    messagesInSegment * maxMessageBytes,
  );
}

/** The least that must be kept of a partition so that it can hold two segments; bytes. */
export function leastRetentionBytes({ maxMessageBytes }: Pick<TopicDefinition, "maxMessageBytes">): number {
  return 2 * messagesInSegment * maxMessageBytes;
}

/** Where messages of `topic` go that cannot be processed. */
export function deadLetterName(topic: string): string {
  return `${topic}${deadLetterSuffix}`;
}

/** The dead-letter topic of a topic: original key and value, with `dlq-…` headers that say why and where from. */
export function deadLetterTopic<T extends TopicDefinition>(topic: T): T {
  return {
    ...topic,
    name: deadLetterName(topic.name),
    value: `what was refused from ${topic.name}, byte for byte; headers dlq-reason, dlq-topic, dlq-partition, dlq-offset`,
    partitions: 1,
    maxMessageBytes: topic.maxMessageBytes + messageOverheadBytes,
  };
}

/** The topic's settings as Kafka names them, all values as text. */
export function topicSettings(topic: TopicDefinition, segment = segmentBytes(topic)): Record<string, string> {
  return {
    "cleanup.policy": "delete",
    "max.message.bytes": String(topic.maxMessageBytes),
    "retention.bytes": String(topic.retentionBytes),
    "retention.ms": String(topic.retentionMs),
    "segment.bytes": String(segment),
  };
}
