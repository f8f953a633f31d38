/** Where a partition's next reader begins, as the client commits it. */
export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly leaderEpoch: number;
}

export interface OffsetCommitterOptions {
  readonly topic: string;
  /**
   * Commits these. What it was given may lose partitions while it runs (see {@link OffsetCommitter.joined}), so that
   * it must not copy the array.
   */
  readonly commit: (offsets: Position[]) => Promise<void>;
  /** Partitions that this member holds. */
  readonly held: () => readonly number[];
  /** Whether the member is in its group, rather than joining it anew. */
  readonly ready: () => boolean;
  /** Told why a commit failed for good; the membership is then of no use any more. */
  readonly onError: (error: unknown) => void;
  /** The longest that a handled message stays uncommitted, in milliseconds: what a crash can make come again. */
  readonly everyMs?: number;
  /** With so many messages handled, they are committed sooner. */
  readonly mostMessages?: number;
}

/**
 * Commits what has been handled, off the way of the messages: some time after the first of them, so that a member with
 * nothing to do commits nothing and a busy one commits once a second rather than once a batch. Only handled messages
 * are ever committed, so delivery stays at least once.
 */
export class OffsetCommitter {
  readonly #options: OffsetCommitterOptions;
  readonly #everyMs: number;
  readonly #mostMessages: number;
  /** Handled and not sent yet: next offset by partition. */
  readonly #handled = new Map<number, bigint>();
  /** Commits under way; more than one only when a rebalance does not let the second one wait. */
  readonly #underWay = new Map<Position[], Promise<void>>();
  #messages = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: OffsetCommitterOptions) {
    this.#options = options;
    this.#everyMs = options.everyMs ?? 1000;
    this.#mostMessages = options.mostMessages ?? 1000;
  }

  /** Takes note that these messages, and all before them in their partitions, are done with. */
  handled(messages: readonly Pick<Position, "partition" | "offset">[]): void {
    for (const { partition, offset } of messages) this.#handled.set(partition, offset + 1n);
    this.#messages += messages.length;
    if (this.#messages >= this.#mostMessages) this.#due();
    else this.#arm();
  }

  /**
   * To be called when the member learns of a rebalance, before it joins anew: until then the coordinator takes
   * commits of the old generation, and whoever gets a partition begins at what is committed.
   */
  rebalancing(): void {
    void this.#send();
  }

  /**
   * To be called when the member has joined. A commit that failed because the group had gone on without the member is
   * repeated by the client under the new generation: it must not set back what a partition's new owner has committed.
   */
  joined(): void {
    const held = new Set(this.#options.held());
    for (const offsets of this.#underWay.keys()) {
      offsets.splice(0, offsets.length, ...offsets.filter(({ partition }) => held.has(partition)));
    }
    this.#due();
  }

  /** Commits everything handled; resolves when that is done or has failed, which `onError` is told. */
  async flush(): Promise<void> {
    await Promise.all(this.#underWay.values());
    await this.#send();
    this.stop();
  }

  /** Commits nothing more by time. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    if (this.#handled.size > 0) this.#timer ??= setTimeout(() => this.#due(), this.#everyMs);
  }

  #due(): void {
    this.stop();
    // Otherwise it is due when the commit under way has ended, or the member has joined.
    if (this.#underWay.size === 0 && this.#options.ready()) void this.#send();
  }

  async #send(): Promise<void> {
    const { topic } = this.#options;
    const held = new Set(this.#options.held());
    // What went to another member is that one's to commit; it handles the last messages again.
    const offsets = [...this.#handled]
      .filter(([partition]) => held.has(partition))
      .map(([partition, offset]) => ({ topic, partition, offset, leaderEpoch: -1 }));
    this.#handled.clear();
    this.#messages = 0;
    if (offsets.length === 0) return;
    const done = this.#options.commit(offsets).catch((error: unknown) => this.#options.onError(error));
    this.#underWay.set(offsets, done);
    await done;
    this.#underWay.delete(offsets);
    this.#arm();
  }
}
