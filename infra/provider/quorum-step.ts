import type { QuorumMember, QuorumState } from "../../apps/common/kafka-quorum.ts";

/** What is to be done next with a quorum so that it comes to be of those that it should be of. */
export type QuorumStep =
  | { readonly do: "nothing" }
  /** Nothing can be done yet, for this reason. */
  | { readonly do: "wait"; readonly reason: string }
  | { readonly do: "add" | "remove"; readonly member: QuorumMember };

/** A node that fetches has all there is every half second; one that is away is not counted as there for long. */
const currentMs = 3000;
/**
 * A leader that has not heard of a voter for a second asks for it, and of all Kafkas up to 4.2 ends when the answer comes
 * from one that it has taken the vote of meanwhile. So one goes when it has just been heard of, or is away for long.
 */
const heardMs = 700;
const awayMs = 10_000;

/** What stands in place of a folder's id where the voters are a list that is fixed when nodes are formatted. */
const noDirectory = "00000000-0000-0000-0000-000000000000";

/**
 * The next of the changes that make these nodes, and no others, vote. One voter comes or goes at a time, as Kafka has it;
 * all that come are there before one goes. A node comes when it has all the metadata, and one goes only while those that
 * stay have, as the others must be able to go on without it. The leader goes last, so that there is one election.
 *
 * A node that has come back with a fresh volume is another member with the id of one that will never answer again, which
 * has to go first.
 */
export function quorumStep({ leader, voters, observers }: QuorumState, ids: readonly number[]): QuorumStep {
  for (const id of ids) {
    // What a node was before its volume was another one may still be told of.
    const [coming] = observers.filter((one) => one.id === id).toSorted((a, b) => a.behindMs - b.behindMs);
    const old = voters.find((one) => one.id === id);
    if (old !== undefined && (coming === undefined || isCurrent(old))) continue;
    if (coming === undefined) return { do: "wait", reason: `controller ${id} has not joined the cluster` };
    if (!isCurrent(coming)) {
      return { do: "wait", reason: `controller ${id} has not caught up with the others` };
    }
    return old === undefined ? { do: "add", member: coming } : { do: "remove", member: old };
  }
  const going = voters
    .filter(({ id }) => !ids.includes(id))
    .toSorted((a, b) => Number(a.id === leader) - Number(b.id === leader) || b.id - a.id);
  const [member] = going;
  if (member === undefined) return { do: "nothing" };
  const away = voters.filter((one) => ids.includes(one.id) && !isCurrent(one)).map(({ id }) => id);
  if (away.length > 0) {
    return {
      do: "wait",
      reason: `controller ${away.join(", ")}, which will be left, is away or behind the others`,
    };
  }
  if (member.behindMs > heardMs && member.behindMs < awayMs) {
    return { do: "wait", reason: `controller ${member.id}, which goes, is behind the others` };
  }
  return { do: "remove", member };
}

/** Whether who votes is a list in the config of every node, which nothing can change while the cluster lives. */
export function isFixed({ voters }: Pick<QuorumState, "voters">): boolean {
  return voters.some(({ directory }) => directory === noDirectory);
}

/** Ids of those that vote, without those in whose place another with a fresh volume waits to be let in. */
export function votersOf({ voters, observers }: QuorumState): number[] {
  const replaced = ({ id }: QuorumMember) => observers.some((one) => one.id === id && isCurrent(one));
  return voters.filter((one) => isCurrent(one) || !replaced(one)).map(({ id }) => id);
}

function isCurrent({ behindMs }: QuorumMember): boolean {
  return behindMs <= currentMs;
}
