/** How a member of a group shows that it is alive, and how long it may be silent. All times in milliseconds. */
export interface Liveness {
  /** Without a heartbeat for this long, a member's partitions go to the others. */
  readonly sessionTimeoutMs: number;
  /** How often it says that it is alive, whether it is working or not; and how soon it notices that others come or go. */
  readonly heartbeatIntervalMs: number;
  /** A member that takes longer than this for one batch gives its place up. */
  readonly maxPollIntervalMs: number;
}

/**
 * Of consumers that say nothing: a dead member is noticed sooner than with Kafka's own defaults, which are in
 * consumer-variables.ts.
 */
export const quickLiveness: Liveness = {
  sessionTimeoutMs: 10_000,
  heartbeatIntervalMs: 500,
  maxPollIntervalMs: 300_000,
};

/** A session must survive lost heartbeats, so that this many fit into it (Kafka's documentation asks for three). */
const heartbeatsPerSession = 3;

/** @throws RangeError that lists everything that is wrong, by the names of the environment variables */
export function checkLiveness(liveness: Liveness): Liveness {
  const { sessionTimeoutMs, heartbeatIntervalMs, maxPollIntervalMs } = liveness;
  const longestMs = Math.floor(sessionTimeoutMs / heartbeatsPerSession);
  const problems = [
    ...Object.entries({
      KAFKA_SESSION_TIMEOUT_MS: sessionTimeoutMs,
      KAFKA_HEARTBEAT_INTERVAL_MS: heartbeatIntervalMs,
      KAFKA_MAX_POLL_INTERVAL_MS: maxPollIntervalMs,
    }).flatMap(([name, ms]) =>
      Number.isInteger(ms) && ms > 0 && ms < 2 ** 31 ? [] : [`${name}=${ms} is no time in milliseconds`],
    ),
    ...(heartbeatIntervalMs > longestMs
      ? [
          `KAFKA_HEARTBEAT_INTERVAL_MS=${heartbeatIntervalMs} is more than a third of KAFKA_SESSION_TIMEOUT_MS=${sessionTimeoutMs}, so that a lost heartbeat could cost the consumer its place; set it to ${longestMs} or less`,
        ]
      : []),
  ];
  if (problems.length > 0) throw new RangeError(problems.join("; "));
  return liveness;
}

/** One batch took longer than `maxPollIntervalMs`. */
export class PollTimeoutError extends Error {
  constructor(messages: number, maxPollIntervalMs: number) {
    super(
      `a batch of ${messages} took longer than KAFKA_MAX_POLL_INTERVAL_MS=${maxPollIntervalMs}; the consumer gave its place in the group up and takes the batch again`,
    );
    this.name = "PollTimeoutError";
  }
}

/**
 * How many messages a batch may have. After a batch that took too long the next one has half as many, so that what can
 * be done one at a time gets done; after one that was in time, one more.
 */
export class BatchLimit {
  readonly #most: number;
  #now: number;

  constructor(most: number) {
    this.#most = most;
    this.#now = most;
  }

  get now(): number {
    return this.#now;
  }

  inTime(): void {
    this.#now = Math.min(this.#most, this.#now + 1);
  }

  tookTooLong(messages: number): void {
    this.#now = Math.max(1, Math.floor(messages / 2));
  }
}
