/** What Kafka stands on: the hosts of its nodes, one for each, and how many replicas a write needs of how many. */
export interface KafkaStanding {
  /** Hosts of the nodes of which more than half must run: controllers, or ZooKeeper's nodes. */
  readonly voters: readonly string[];
  readonly brokers: readonly string[];
  readonly replication: number;
  readonly minInsync: number;
}

/**
 * Why Kafka would take nothing any more without a host; undefined where it goes on.
 *
 * @param away hosts that are gone already
 */
export function stopsWithout(
  { voters, brokers, replication, minInsync }: KafkaStanding,
  host: string,
  away: readonly string[] = [],
): string | undefined {
  const gone = new Set([host, ...away]);
  const lost = (nodes: readonly string[]) => nodes.filter((one) => gone.has(one)).length;
  const [lostVoters, lostBrokers] = [lost(voters), lost(brokers)];
  if ((voters.length - lostVoters) * 2 <= voters.length) {
    return `${lostVoters} of the ${voters.length} nodes that vote`;
  }
  // As many replicas of one partition may be on these brokers.
  if (replication - Math.min(lostBrokers, replication) < minInsync) {
    return `${lostBrokers} of ${brokers.length} brokers, where a write needs ${minInsync} of ${replication} replicas`;
  }
  return undefined;
}
