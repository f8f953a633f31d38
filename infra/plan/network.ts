import type { PlacedService } from "./services.ts";
import type { PlannedTopic } from "./topics.ts";

/** What live messages put on the lab's network, bytes a second. */
export interface NetworkLoad {
  /** Sent by all that is not in the lab's Kafka yet. */
  readonly sent: number;
  /** Sent, once more to each replica, and once to each consumer group of its topic. */
  readonly total: number;
}

/** The load of the topics that cannot wait. */
export function networkLoad(
  topics: readonly PlannedTopic[],
  services: readonly PlacedService[],
): NetworkLoad {
  const reads = services.flatMap(({ uses }) => uses.reads ?? []);
  const flows = topics.flatMap(({ name, replication, bytesPerSecond, live }) => {
    const groups = new Set(reads.filter(({ topic }) => topic === name).map(({ group }) => group));
    return live === undefined ? [] : [{ bytes: bytesPerSecond ?? 0, ways: 1 + replication + groups.size }];
  });
  return {
    sent: flows.reduce((sum, { bytes }) => sum + bytes, 0),
    total: flows.reduce((sum, { bytes, ways }) => sum + bytes * ways, 0),
  };
}
