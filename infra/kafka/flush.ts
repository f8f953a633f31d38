import type { CoreConfig } from "../config/schema.ts";

/** Kafka's own default for both: never, so that the operating system decides. */
const never = "9223372036854775807";

/** Settings of a topic that say when its brokers write messages to disk; given in any case, so that off undoes the rest. */
export function flushSettings({
  flush,
  flushSeconds,
}: Pick<CoreConfig["kafka"], "flush" | "flushSeconds">): Record<string, string> {
  return {
    "flush.messages": flush === "message" ? "1" : never,
    "flush.ms": flush === "interval" ? String(flushSeconds * 1000) : never,
  };
}
