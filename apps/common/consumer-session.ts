import type { Backlog } from "./consumer-backlog.ts";
import { OffsetCommitter } from "./consumer-offsets.ts";
import type { RawConsumer, RawMessage, RawStream } from "./consumer-records.ts";
import { type KafkaMessage, sizeOf } from "./kafka-message.ts";
import type { Logger } from "./logging.ts";
import { settlesWithin } from "./retry.ts";

export interface SessionOptions {
  readonly bootstrapServers: readonly string[];
  readonly clientId: string;
  readonly groupId: string;
  readonly topic: string;
  readonly autoOffsetReset: "earliest" | "latest";
  readonly skipBacklog: boolean;
  readonly maxBatch: number;
  readonly maxBytes?: number;
  readonly partition?: number;
  readonly minBytes?: number;
  readonly maxWaitMs?: number;
  readonly commitEveryMs?: number;
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Told every few seconds how many messages the partitions held have beyond the last commit. */
  readonly onLag: (messages: number) => void;
}

/** What one broker returns to one request at most, in bytes. */
export const defaultMaxBytes = 4 * 1024 * 1024;

const lagEveryMs = 5000;
/** How long leaving the group waits for the last commit, ms; what it does not get to comes again. */
const lastCommitMs = 5000;

/** One membership in a group, from joining to leaving; it ends for good at the first error. */
export class Session {
  readonly #consumer: RawConsumer;
  readonly #stream: RawStream;
  readonly #backlog: Backlog;
  readonly #options: SessionOptions;
  readonly #ended = new AbortController();
  readonly #committer: OffsetCommitter;
  /** Last offset by partition that this session has taken. */
  readonly #taken = new Map<number, bigint>();
  /** The batch that messages are being taken of. */
  #batch: RawMessage | undefined;
  #partitions: number | undefined;
  #closing: Promise<void> | undefined;
  #wake: () => void = () => {};

  constructor(consumer: RawConsumer, stream: RawStream, backlog: Backlog, options: SessionOptions) {
    this.#consumer = consumer;
    this.#stream = stream;
    this.#backlog = backlog;
    backlog.holdUp(stream);
    this.#options = options;
    this.#committer = new OffsetCommitter({
      topic: options.topic,
      commit: (offsets) => consumer.commit({ offsets }),
      held: () => this.#held(),
      ready: () => consumer.isActive(),
      onError: (error) => this.#end(error),
      ...(options.commitEveryMs === undefined ? {} : { everyMs: options.commitEveryMs }),
    });
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
      this.#committer.joined();
      this.#wake();
    });
    consumer.on("consumer:group:rebalance", () => this.#committer.rebalancing());
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

  /** What the client has read and nobody has taken yet. */
  get backlogBytes(): number {
    return this.#backlog.bytes;
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
   * Whatever has arrived, `most` messages at most; waits only when there is nothing, and while the group is rebalanced,
   * since what is begun then is begun again by whoever gets the partition.
   * @returns undefined when the consumer is to end
   * @throws when the session has ended otherwise
   */
  async next(most: number): Promise<KafkaMessage[] | undefined> {
    for (;;) {
      if (this.#options.signal.aborted) return undefined;
      this.#ended.signal.throwIfAborted();
      const batch = this.#consumer.isActive() ? this.#take(most) : [];
      if (batch.length > 0) return batch;
      await this.#woken();
    }
  }

  /** These messages are done with; they are committed within a second, and before a partition goes elsewhere. */
  handled(messages: readonly KafkaMessage[]): void {
    this.#committer.handled(messages);
  }

  /** Commits what has been handled now; resolves when that is done or the session has ended over it. */
  async commit(): Promise<void> {
    if (this.#consumer.isActive()) await this.#committer.flush();
  }

  /**
   * Commits what has been handled, leaves the group and disconnects; a second call joins the first.
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
    if (this.#consumer.isActive() && !(await settlesWithin(this.#committer.flush(), lastCommitMs))) {
      log.warn({ waitedMs: lastCommitMs }, "the last offsets were not committed; their messages come again");
    }
    this.#committer.stop();
    await this.#consumer
      .close(true)
      .catch((err: unknown) => log.warn({ err }, "consumer did not close cleanly"));
  }

  #take(most: number): KafkaMessage[] {
    const { maxBytes = defaultMaxBytes } = this.#options;
    const held = new Set(this.#held());
    const taken: KafkaMessage[] = [];
    for (let bytes = 0; taken.length < most && bytes < maxBytes; ) {
      const message = this.#one(held);
      if (message === undefined) break;
      bytes += sizeOf(message);
      taken.push(message);
    }
    return taken;
  }

  /** The next message of a partition that is held. */
  #one(held: ReadonlySet<number>): KafkaMessage | undefined {
    for (;;) {
      this.#batch ??= this.#stream.read() ?? undefined;
      if (this.#batch === undefined) return undefined;
      const { topic, partition, value: batch } = this.#batch;
      const isHeld = held.has(partition);
      // Read before the partition became another member's. Without its position, the client asks for the group's
      // should the partition come back; it would go on behind what is left out here.
      if (!isHeld) this.#stream.offsetsToFetch.delete(`${topic}:${partition}`);
      const message = isHeld ? batch.next(topic, partition) : undefined;
      if (message === undefined) {
        this.#backlog.taken(batch.bytes);
        this.#batch = undefined;
        continue;
      }
      // A rebalance makes the client read again from the last commit, which this session may be beyond.
      if (message.offset <= (this.#taken.get(partition) ?? -1n)) continue;
      this.#taken.set(partition, message.offset);
      return message;
    }
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
