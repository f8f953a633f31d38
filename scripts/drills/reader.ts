import { consumeBatches, type KafkaMessage } from "../../apps/common/kafka.ts";
import { exactHeaders } from "../../apps/common/kafka-message.ts";
import type { Logger } from "../../apps/common/logging.ts";
import { createMetrics } from "../../apps/common/metrics.ts";
import type { IdPlace } from "../../lib/probe.ts";

export interface ReaderOptions {
  readonly bootstrapServers: readonly string[];
  readonly run: string;
  readonly topic: string;
  readonly log: Logger;
  /** Told of each message once, in the order of its partition. Of one whose headers are too large, these are all. */
  readonly onMessage: (message: Pick<KafkaMessage, "headers" | "key" | "value" | "timestampMs">) => void;
  readonly signal: AbortSignal;
}

/** Reads a topic from its end on. @returns `ready` when it knows where that is, `done` when the signal has ended it */
export function readTopic({ bootstrapServers, run, topic, log, onMessage, signal }: ReaderOptions) {
  const next = new Map<number, bigint>();
  return consumeBatches({
    bootstrapServers,
    clientId: run,
    groupId: `${run}-${topic}`,
    topic,
    autoOffsetReset: "latest",
    skipBacklog: true,
    maxBatch: 500,
    onBatch: async (messages) => {
      for (const message of messages) {
        // What comes again after a rebalance is known.
        if (message.offset < (next.get(message.partition) ?? 0n)) continue;
        next.set(message.partition, message.offset + 1n);
        onMessage(message);
      }
      return [];
    },
    // Who looks on buries nothing; it is told of what a consumer would bury before it handles it.
    deadLetters: {
      send: async (letter) => {
        const headers = exactHeaders(letter).map(
          ([name, content]) => [String(name), content ?? Buffer.alloc(0)] as const,
        );
        const { key, value } = letter;
        onMessage({
          headers: new Map(headers),
          key: key === undefined ? undefined : Buffer.from(key),
          value: value === undefined ? undefined : Buffer.from(value),
          timestampMs: Date.now(),
        });
      },
    },
    log,
    metrics: createMetrics("drill"),
    signal,
  });
}

/** The id of a message, or undefined when it has none there. */
export function idOf(
  { headers, value }: Pick<KafkaMessage, "headers" | "value">,
  place: IdPlace,
): string | undefined {
  if ("headers" in place) {
    const parts = place.headers.map((name) => headers.get(name)?.toString());
    return parts.includes(undefined) ? undefined : parts.join(".");
  }
  try {
    const json: unknown = JSON.parse((value ?? "").toString());
    const id: unknown =
      typeof json === "object" && json !== null ? Reflect.get(json, place.field) : undefined;
    return typeof id === "string" ? id : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The number of a run's message by its id `<run>.<number>`; undefined when it is of another run. */
export function numberOf(run: string, id: string | undefined): number | undefined {
  const [name, text] = id?.split(".") ?? [];
  return name === run && text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
