import type { Metrics } from "../../common/metrics.ts";
import type { BridgeOptions } from "./bridge.ts";
import { refusals } from "./normalise.ts";

/** Counts what becomes of messages. */
export function bridgeMeters(
  metrics: Metrics,
): Pick<BridgeOptions, "onBridged" | "onRefused" | "onDuplicates"> {
  const bridged = metrics.counter(
    "logistics_readings_bridged_total",
    "Readings that the document store and Kafka have.",
  );
  const refused = metrics.counter("logistics_refused_total", "Messages that went to the dead letters.", [
    "reason",
  ]);
  const duplicates = metrics.counter(
    "logistics_duplicates_total",
    "Readings that were in the document store already.",
  );
  for (const reason of refusals) refused.inc({ reason }, 0);
  return {
    onBridged: () => bridged.inc(),
    onRefused: (reason) => refused.inc({ reason }),
    onDuplicates: (documents) => duplicates.inc(documents),
  };
}
