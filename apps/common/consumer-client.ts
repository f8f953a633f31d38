import { COOPERATIVE_STICKY_ASSIGNOR, Consumer } from "@platformatic/kafka";
import type { RawConsumer } from "./consumer-records.ts";
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

/** The client of one membership in a group; it joins when it begins to consume. */
export function openClient(options: SessionOptions): RawConsumer {
  const { groupId, clientId, sessionTimeoutMs } = options;
  return new Consumer({
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
}
