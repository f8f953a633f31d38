import {
  COOPERATIVE_STICKY_ASSIGNOR,
  Consumer,
  MessagesStreamFallbackModes,
  MessagesStreamModes,
} from "@platformatic/kafka";
import { fromRaw, type RawConsumer, type RawMessage, type RawStream } from "./consumer-records.ts";
import { type KafkaMessage, sizeOf } from "./kafka-message.ts";
import { kafkaTuning } from "./kafka-tuning.ts";
import type { Logger } from "./logging.ts";
import { backoffMs } from "./retry.ts";

export interface SessionOptions {
  readonly bootstrapServers: readonly string[];
  readonly clientId: string;
  readonly groupId: string;
  readonly topic: string;
  readonly autoOffsetReset: "earliest" | "latest";
  readonly skipBacklog: boolean;
  readonly maxBatch: number;
  readonly maxBytes?: number;
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Told every few seconds how many messages the partitions held have beyond the last commit. */
  readonly onLag: (messages: number) => void;
}

const defaultMaxBytes = 4 * 1024 * 1024;
const lagEveryMs = 5000;

/** Joins the group and returns once the first positions are known. @throws when that fails or the signal aborts */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { topic, groupId, clientId, skipBacklog, autoOffsetReset, sessionTimeoutMs } = options;
  const consumer: RawConsumer = new Consumer({
    groupId,
    clientId,
    bootstrapBrokers: [...options.bootstrapServers],
    autocommit: false,
    sessionTimeout: sessionTimeoutMs,
    rebalanceTimeout: 2 * sessionTimeoutMs,
    heartbeatInterval: options.heartbeatIntervalMs,
    heartbeatStallTimeout: sessionTimeoutMs,
    // Partitions that stay with a member are not interrupted when another one comes or goes.
    protocols: [{ name: COOPERATIVE_STICKY_ASSIGNOR, version: 1 }],
    maxWaitTime: kafkaTuning.fetchMaxWaitMs,
    maxBytes: options.maxBytes ?? defaultMaxBytes,
    retries: 10,
    retryDelay: (_client, _operation, attempt) => backoffMs(attempt, { baseMs: 100, capMs: 2000 }),
  });
  try {
    const stream = await consumer.consume({
      topics: [topic],
      autocommit: false,
      mode: skipBacklog ? MessagesStreamModes.LATEST : MessagesStreamModes.COMMITTED,
      fallbackMode:
        autoOffsetReset === "earliest"
          ? MessagesStreamFallbackModes.EARLIEST
          : MessagesStreamFallbackModes.LATEST,
      // The client counts messages; bytes are bounded by maxBytes a broker and request.
      highWaterMark: options.maxBatch,
    });
    const session = new Session(consumer, stream, options);
    await session.positioned();
    // A position at the end is lost with the session unless it is committed, and with it what came in between.
    if (skipBacklog || autoOffsetReset === "latest") await session.commitPositions();
    return session;
  } catch (error) {
    await consumer
      .close(true)
      .catch((err: unknown) => options.log.warn({ err }, "consumer did not close cleanly"));
    throw error;
  }
}

/** One membership in a group, from joining to leaving; it ends for good at the first error. */
export class Session {
  readonly #consumer: RawConsumer;
  readonly #stream: RawStream;
  readonly #options: SessionOptions;
  readonly #ended = new AbortController();
  /** Next offset by partition, beyond what this session has handled. */
  readonly #next = new Map<number, bigint>();
  #partitions: number | undefined;
  #closing: Promise<void> | undefined;
  #wake: () => void = () => {};

  constructor(consumer: RawConsumer, stream: RawStream, options: SessionOptions) {
    this.#consumer = consumer;
    this.#stream = stream;
    this.#options = options;
    // What the client knew when it joined: the topic may have grown since then.
    this.#compare(consumer.currentMetadata?.topics.get(options.topic)?.partitionsCount);
    // The client fetches only while someone listens.
    stream.on("readable", () => this.#wake());
    stream.on("offsets", () => this.#wake());
    stream.on("error", (error) => this.#end(error));
    consumer.on("error", (error) => this.#end(error));
    consumer.on("consumer:heartbeat:error", ({ error: err }) =>
      options.log.debug({ err }, "heartbeat failed"),
    );
    consumer.on("consumer:heartbeat:stalled", ({ stalledFor }) =>
      this.#end(new Error(`the group's coordinator has not answered for ${stalledFor} ms`)),
    );
    stream.on("close", () => this.#end(new Error("the stream of messages was closed")));
    consumer.on("consumer:group:join", ({ assignments }) => {
      const partitions =
        assignments?.find((assignment) => assignment.topic === options.topic)?.partitions ?? [];
      options.log.info({ partitions }, "partitions assigned");
      this.#wake();
    });
    consumer.on("client:metadata", (metadata) =>
      this.#compare(metadata.topics.get(options.topic)?.partitionsCount),
    );
    consumer.on("consumer:lag", (lag) => {
      const lags = lag.get(options.topic) ?? [];
      // Negative for partitions of other members, and for commits made since the ends were read.
      options.onLag(lags.reduce((sum, messages) => sum + (messages > 0n ? Number(messages) : 0), 0));
    });
    consumer.on("consumer:lag:error", (err) => options.log.debug({ err }, "lag is not known"));
    consumer.startLagMonitoring({ topics: [options.topic] }, lagEveryMs);
    options.signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  readonly #onAbort = () => this.#end(this.#options.signal.reason);

  /** Aborted when the session or the whole consumer ends. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Resolves when the offsets to begin at are known, or no partition fell to this member. */
  async positioned(): Promise<void> {
    const known = () => this.#held().length === 0 || this.#stream.offsetsToFetch.size > 0;
    while (!this.#ended.signal.aborted && !known()) await this.#woken();
    this.#ended.signal.throwIfAborted();
  }

  /** Commits where this member begins in each of its partitions. */
  async commitPositions(): Promise<void> {
    const { topic } = this.#options;
    const offsets = this.#held().flatMap((partition) => {
      const offset = this.#stream.offsetsToFetch.get(`${topic}:${partition}`);
      return offset === undefined ? [] : [{ topic, partition, offset, leaderEpoch: -1 }];
    });
    if (offsets.length > 0) await this.#consumer.commit({ offsets });
  }

  /**
   * Whatever has arrived, `most` messages at most; waits only when there is nothing.
   * @returns undefined when the consumer is to end
   * @throws when the session has ended otherwise
   */
  async next(most: number): Promise<KafkaMessage[] | undefined> {
    for (;;) {
      if (this.#options.signal.aborted) return undefined;
      this.#ended.signal.throwIfAborted();
      const batch = this.#take(most);
      if (batch.length > 0) return batch;
      await this.#woken();
    }
  }

  /**
   * Commits that these messages, and all before them in their partitions, are done with. Waits for the end of a
   * rebalance that is under way: a commit sent meanwhile would fail, and the client would repeat it under the new
   * generation, so that it could set back what a partition's new owner has committed. For partitions that went to
   * another member nothing is committed; that member handles their last messages again.
   */
  async commit(messages: readonly KafkaMessage[]): Promise<void> {
    const ends = new Map(messages.map(({ partition, offset }) => [partition, offset + 1n]));
    while (!this.#consumer.isActive() && !this.#broken()) await this.#woken();
    const { topic } = this.#options;
    const held = new Set(this.#held());
    const offsets = [...ends]
      .filter(([partition]) => held.has(partition))
      .map(([partition, offset]) => ({ topic, partition, offset, leaderEpoch: -1 }));
    if (offsets.length > 0) await this.#consumer.commit({ offsets });
    for (const [partition, offset] of ends) this.#next.set(partition, offset);
  }

  /**
   * Leaves the group and disconnects; a second call joins the first.
   * @param reason what the session's signal is aborted with, if it has not ended yet
   */
  close(reason: Error = new Error("the session was closed")): Promise<void> {
    this.#closing ??= this.#close(reason);
    return this.#closing;
  }

  async #close(reason: Error): Promise<void> {
    const { log, signal } = this.#options;
    signal.removeEventListener("abort", this.#onAbort);
    this.#end(reason);
    await this.#consumer
      .close(true)
      .catch((err: unknown) => log.warn({ err }, "consumer did not close cleanly"));
  }

  #take(most: number): KafkaMessage[] {
    const maxBytes = this.#options.maxBytes ?? defaultMaxBytes;
    const batch: KafkaMessage[] = [];
    for (let bytes = 0; batch.length < most && bytes < maxBytes; ) {
      const raw: RawMessage | null = this.#stream.read();
      if (raw === null) break;
      // A rebalance makes the client read again from the last commit what may be in its buffer already.
      if (raw.offset < (this.#next.get(raw.partition) ?? 0n)) continue;
      const message = fromRaw(raw);
      bytes += sizeOf(message);
      batch.push(message);
    }
    return batch;
  }

  /** Partitions that this member holds. */
  #held(): readonly number[] {
    return this.#consumer.assignments?.find(({ topic }) => topic === this.#options.topic)?.partitions ?? [];
  }

  /** The client does not join anew when a topic grows, so the session ends and the next one sees all partitions. */
  #compare(partitions: number | undefined): void {
    if (partitions === undefined) return;
    this.#partitions ??= partitions;
    if (partitions !== this.#partitions) {
      this.#end(new Error(`the topic has ${partitions} partitions now, ${this.#partitions} before`));
    }
  }

  /** Ended by an error rather than because the consumer is to end, which lets the last commit pass. */
  #broken(): boolean {
    return this.#ended.signal.aborted && !this.#options.signal.aborted;
  }

  #woken(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    return promise;
  }

  #end(reason: unknown): void {
    this.#ended.abort(reason);
    this.#wake();
  }
}
