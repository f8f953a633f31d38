import { checkLiveness, type Liveness } from "./consumer-liveness.ts";
import { integer } from "./env.ts";

/**
 * Variables of an app whose work on one message can be slow; spread them into its `defineEnv`. The defaults and the
 * meanings are those of Kafka's own consumer: session.timeout.ms, heartbeat.interval.ms and max.poll.interval.ms.
 */
export const consumerVariables = {
  /** Brokers allow 6 s to 30 min (group.min.session.timeout.ms and group.max.session.timeout.ms). */
  KAFKA_SESSION_TIMEOUT_MS: integer({ min: 6000, max: 1_800_000 }).default(45_000),
  /** A third of the session timeout at most. */
  KAFKA_HEARTBEAT_INTERVAL_MS: integer({ min: 100, max: 600_000 }).default(3000),
  /** Longest time for one batch, after which the consumer gives its place up. */
  KAFKA_MAX_POLL_INTERVAL_MS: integer({ min: 1000, max: 2_147_483_647 }).default(300_000),
};

/** The variables as options of a consumer. @throws RangeError when they contradict one another */
export function livenessOf(env: {
  readonly KAFKA_SESSION_TIMEOUT_MS: number;
  readonly KAFKA_HEARTBEAT_INTERVAL_MS: number;
  readonly KAFKA_MAX_POLL_INTERVAL_MS: number;
}): Liveness {
  return checkLiveness({
    sessionTimeoutMs: env.KAFKA_SESSION_TIMEOUT_MS,
    heartbeatIntervalMs: env.KAFKA_HEARTBEAT_INTERVAL_MS,
    maxPollIntervalMs: env.KAFKA_MAX_POLL_INTERVAL_MS,
  });
}
