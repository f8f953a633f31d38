/** A node of the cluster that may be replaced. */
export interface RollNode {
  readonly name: string;
  /** Kafka's id of it. */
  readonly id: number;
}

/**
 * The order in which nodes may be made anew: those of one stage at once, each stage after the one before. What does not
 * answer comes first and all at once: a quorum that is not there comes to be of its members together. Whatever answers
 * is alone in its stage, the active controller last.
 *
 * @param groups nodes that come before others, whatever else there is to say
 */
export function rollOrder(
  groups: readonly (readonly RollNode[])[],
  answering: ReadonlySet<string>,
  controller: number | undefined,
): string[][] {
  return groups.flatMap((nodes) => {
    const [up, away] = [true, false].map((is) => nodes.filter(({ name }) => answering.has(name) === is));
    const ordered = (up ?? []).toSorted((a, b) => Number(a.id === controller) - Number(b.id === controller));
    const first = (away ?? []).map(({ name }) => name);
    return [...(first.length === 0 ? [] : [first]), ...ordered.map(({ name }) => [name])];
  });
}
