/** Something that a Docker engine tells of a broker's container. */
export interface BrokerEvent {
  /** ns since the epoch, by the engine's host; as text, as a number has too few digits. */
  readonly timeNano: string;
  /** `die`, `start`, `health_status: healthy`, … */
  readonly action: string;
  readonly broker: string;
}

/** A line of `docker events` in {@link eventFormat}; undefined for what is none. */
export function brokerEvent(line: string): BrokerEvent | undefined {
  const [, timeNano, broker, action] = /^(\d+) \S*(kafka-\d+) (.+)$/.exec(line) ?? [];
  return timeNano === undefined || broker === undefined || action === undefined
    ? undefined
    : { timeNano, broker, action };
}

/** How `docker events` is to print what {@link brokerEvent} reads. */
export const eventFormat = "{{.TimeNano}} {{.Actor.Attributes.name}} {{.Action}}";

/**
 * What an update did to brokers that it must not do: end one that was healthy while another one was missing, of which a
 * partition may have its only other replica.
 *
 * @param healthy the brokers that were healthy before
 * @param brokers all there are
 * @returns a line for each, in order; empty when there is none
 */
export function brokerHarm(
  healthy: readonly string[],
  brokers: readonly string[],
  events: readonly BrokerEvent[],
): string[] {
  const well = new Set(healthy);
  const inOrder = events.toSorted((a, b) => Number(BigInt(a.timeNano) - BigInt(b.timeNano)));
  return inOrder.flatMap(({ broker, action }) => {
    if (action === "health_status: healthy") well.add(broker);
    if (action === "health_status: unhealthy") well.delete(broker);
    if (action !== "die" || !well.delete(broker)) return [];
    const missing = brokers.filter((other) => other !== broker && !well.has(other));
    return missing.length === 0 ? [] : [`${broker} was ended while ${missing.join(", ")} was missing`];
  });
}
