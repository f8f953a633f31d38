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
  /** Size of a segment in bytes. Kafka deletes whole segments only, so it must be well below `retentionBytes`. */
  readonly segmentBytes: number;
  /** Largest record batch that the topic accepts, in bytes, headers and framing included. */
  readonly maxMessageBytes: number;
}

/** Bytes that the dead-letter headers may add to a message. */
const deadLetterAllowance = 65_536;

/**
 * Declares a topic.
 * @throws when its name is not a legal Kafka topic name or its numbers contradict one another
 */
export function defineTopic(topic: TopicDefinition): TopicDefinition {
  const problems = [
    /^[a-zA-Z0-9._-]{1,249}$/.test(topic.name) && topic.name !== "." && topic.name !== ".."
      ? ""
      : "its name may have letters, digits, '.', '_' and '-' only, 249 at most",
    Number.isInteger(topic.partitions) && topic.partitions >= 1 ? "" : "it needs at least one partition",
    topic.maxMessageBytes <= topic.segmentBytes ? "" : "a message must fit into a segment",
    topic.segmentBytes * 2 <= topic.retentionBytes ? "" : "retentionBytes must be at least two segments",
  ].filter((problem) => problem !== "");
  if (problems.length > 0) throw new Error(`topic ${JSON.stringify(topic.name)}: ${problems.join("; ")}`);
  return Object.freeze({ ...topic });
}

/** Where messages of `topic` go that cannot be processed. */
export function deadLetterName(topic: string): string {
  return `${topic}.dlq`;
}

/** The dead-letter topic of a topic: original key and value, with `dlq-…` headers that say why and where from. */
export function deadLetterTopic(topic: TopicDefinition): TopicDefinition {
  const maxMessageBytes = topic.maxMessageBytes + deadLetterAllowance;
  return defineTopic({
    ...topic,
    name: deadLetterName(topic.name),
    value: `what was refused from ${topic.name}, byte for byte; headers dlq-reason, dlq-topic, dlq-partition, dlq-offset`,
    partitions: 1,
    maxMessageBytes,
    segmentBytes: Math.max(topic.segmentBytes, maxMessageBytes),
  });
}

/** The topic's settings as Kafka names them, all values as text. */
export function topicSettings(topic: TopicDefinition): Record<string, string> {
  return {
    "cleanup.policy": "delete",
    "max.message.bytes": String(topic.maxMessageBytes),
    "retention.bytes": String(topic.retentionBytes),
    "retention.ms": String(topic.retentionMs),
    "segment.bytes": String(topic.segmentBytes),
  };
}
