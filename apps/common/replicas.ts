/**
 * Where the replicas of each partition should be when their number changes. The first replica of a partition (its
 * preferred leader) stays, and so do as many of the others as possible; new ones go to the brokers with the fewest.
 *
 * @param current replicas by partition, preferred leader first
 * @param brokers ids of the brokers there are
 * @throws RangeError when there are fewer brokers than replicas wanted
 */
export function spreadReplicas(
  current: readonly (readonly number[])[],
  replication: number,
  brokers: readonly number[],
): number[][] {
  if (replication < 1 || replication > brokers.length) {
    throw new RangeError(`replication ${replication} needs as many brokers; there are ${brokers.length}`);
  }
  const load = new Map(brokers.map((id) => [id, 0]));
  const add = (id: number) => load.set(id, (load.get(id) ?? 0) + 1);
  const kept = current.map((replicas) => replicas.filter((id) => load.has(id)).slice(0, replication));
  for (const replicas of kept) replicas.forEach(add);
  for (const replicas of kept) {
    while (replicas.length < replication) {
      const next = brokers
        .filter((id) => !replicas.includes(id))
        .reduce((best, id) => ((load.get(id) ?? 0) < (load.get(best) ?? 0) ? id : best));
      replicas.push(next);
      add(next);
    }
  }
  return kept;
}
