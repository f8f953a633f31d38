import type { Liveness } from "./consumer-liveness.ts";
import type { KafkaMessage, Rejection } from "./kafka-message.ts";
import type { KafkaProducer } from "./kafka-producer.ts";
import type { Logger } from "./logging.ts";
import type { Metrics } from "./metrics.ts";

/** The times are {@link quickLiveness} unless they are given. */
export interface BatchConsumerOptions extends Partial<Liveness> {
  /** `host:port` of every broker. */
  readonly bootstrapServers: readonly string[];
  readonly clientId: string;
  readonly groupId: string;
  readonly topic: string;
  /** Where to begin in a partition for which the group has committed nothing. */
  readonly autoOffsetReset: "earliest" | "latest";
  /** Begin at the end of the topic when the consumer starts, whatever the group has committed. */
  readonly skipBacklog?: boolean;
  /**
   * Reads this partition alone, counted modulo the topic's partitions. Only for the one member of a group: another
   * would read the same.
   */
  readonly partition?: number;
  /**
   * Lets messages gather: brokers answer when they have so many bytes, or when `maxWaitMs` have passed. For whoever
   * is in no hurry, a request for many messages rather than one for each. The first message after a time without any comes
   * at once. 1 by default: each does.
   */
  readonly minBytes?: number;
  /** The longest that a broker keeps a request for which it has too little, ms. */
  readonly maxWaitMs?: number;
  /** Most messages in one batch. */
  readonly maxBatch: number;
  /**
   * Most bytes that one broker returns to one request, that a batch has and that wait beside it; what is held in memory
   * is a small multiple. A message that is larger than this comes alone. 4 MiB by default.
   */
  readonly maxBytes?: number;
  /** The longest that what was handled stays uncommitted, in milliseconds; 1000 by default. */
  readonly commitEveryMs?: number;
  /**
   * Does the work of a batch: whatever has arrived, one message or many, of any partitions. When it has resolved and
   * what it rejects is in `<topic>.dlq`, the next batch comes; offsets are committed beside that, a second later at
   * most. When it throws, the same batch comes again after a pause; when it throws a PoisonError, the messages come one
   * at a time (see {@link handleBatch}). Messages can come twice, after a crash or when partitions move, so the work
   * has to be idempotent. Heartbeats go on meanwhile as long as the event loop is free, so what keeps a CPU busy
   * belongs into another thread or process.
   */
  readonly onBatch: (
    messages: readonly KafkaMessage[],
    context: BatchContext,
  ) => Promise<readonly Rejection[]>;
  /** Writes the dead letters. */
  readonly deadLetters: Pick<KafkaProducer, "send">;
  readonly log: Logger;
  readonly metrics: Metrics;
  /**
   * Folder that outlives the process, such as a container's volume: a message over which it ended twice is refused, not
   * tried again (see {@link Attempts}). Without one it is tried for ever.
   */
  readonly stateFolder?: string | undefined;
  /** Told whether the consumer does its work, with the reason when it does not; for `/healthz`. */
  readonly onState?: (problem: string | undefined) => void;
  /** Ends the consumer: the batch in hand is finished and committed, then it leaves the group. */
  readonly signal: AbortSignal;
}

export interface BatchContext {
  /**
   * Aborted when the consumer is to end, and when it has lost or given up its place in the group: the batch comes
   * again then, to this consumer only when `onBatch` has returned.
   */
  readonly signal: AbortSignal;
}
