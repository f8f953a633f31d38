import type { CoreConfig } from "../config/schema.ts";

/** Settings that all brokers of a cluster share, however they are coordinated, as `server.properties` names. */
export function brokerProperties(settings: CoreConfig["kafka"]): Record<string, string> {
  const internalReplication = Math.min(3, settings.brokers);
  // Kafka's own topics inherit it, and with more than they have replicas no consumer could commit. Topics of the
  // stack each have their own.
  const internalInsync = String(Math.min(settings.minInsync, internalReplication));
  const maxBytes = String(settings.maxMessageKB * 1024);
  return {
    "default.replication.factor": String(settings.replication),
    "min.insync.replicas": internalInsync,
    "offsets.topic.replication.factor": String(internalReplication),
    "offsets.topic.num.partitions": "12",
    "transaction.state.log.replication.factor": String(internalReplication),
    "transaction.state.log.min.isr": internalInsync,
    "transaction.state.log.num.partitions": "12",
    // Topics are resources of the stack; one that a misspelt name conjures up would be nobody's.
    "auto.create.topics.enable": "false",
    "num.network.threads": "3",
    // Operators send little, and each of these threads wakes three times a second.
    "listener.name.outside.num.network.threads": "1",
    "num.io.threads": "8",
    "log.segment.bytes": String(settings.segmentMB * 1024 * 1024),
    "message.max.bytes": maxBytes,
    "replica.fetch.max.bytes": maxBytes,
    // How often replicas ask while nothing happens: twice as often by default. What comes meanwhile is sent at once.
    "replica.fetch.wait.max.ms": "1000",
    // How often it is looked for topics whose flush.ms is over; by default never, which leaves those without effect.
    "log.flush.scheduler.interval.ms": "1000",
    // Long enough for the members of one deployment to join together, short enough not to be felt.
    "group.initial.rebalance.delay.ms": "500",
  };
}

/** `log.segment.bytes` → `KAFKA_CFG_LOG_SEGMENT_BYTES`, which the image's entrypoint turns back. */
export function asEnv(properties: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [
      `KAFKA_CFG_${key.toUpperCase().replaceAll(".", "_")}`,
      value,
    ]),
  );
}
