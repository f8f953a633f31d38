/** One Kafka client, as far as the bench uses it: acks=all, one message a call, messages as buffers. */
export interface Candidate {
  readonly name: CandidateName;
  producer(bootstrap: readonly string[]): Promise<BenchProducer>;
  /** Resolves when the consumer has its partitions; it reads the (new) topic from its beginning. @param onMessage told the value's first 8 bytes (sent at, µs) */
  consumer(
    bootstrap: readonly string[],
    topic: string,
    group: string,
    onMessage: (value: Buffer) => void,
  ): Promise<BenchConsumer>;
}

export interface BenchProducer {
  /** Resolves when all in-sync replicas have it. */
  send(topic: string, value: Buffer): Promise<void>;
  close(): Promise<void>;
}

export interface BenchConsumer {
  close(): Promise<void>;
}

export const candidateNames = ["kafkajs", "platformatic", "confluent"] as const;
export type CandidateName = (typeof candidateNames)[number];
