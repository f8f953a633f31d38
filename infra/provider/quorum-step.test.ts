import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { QuorumMember, QuorumState } from "../../apps/common/kafka-quorum.ts";
import { quorumStep, votersOf } from "./quorum-step.ts";

const member = (id: number, behindMs = 0, directory = `d${id}`): QuorumMember => ({
  id,
  directory,
  behindMs,
});
const state = (voters: readonly QuorumMember[], observers: readonly QuorumMember[] = [], leader = 100) =>
  ({ leader, voters, observers }) satisfies QuorumState;
const members = (...ids: number[]) => ids.map((id) => member(id));

describe("quorumStep", () => {
  it("has nothing to do where they are those that they should be", () => {
    expect(quorumStep(state(members(100, 101, 102), members(0, 1)), [100, 101, 102]).do).toBe("nothing");
  });

  it("gives a vote to one that has caught up, and waits for one that has not, or is not there", () => {
    const ids = [100, 101, 102];
    expect(quorumStep(state(members(100), members(101, 102)), ids)).toEqual({
      do: "add",
      member: member(101),
    });
    const late = state(members(100), [member(101, 9000), member(102)]);
    expect(quorumStep(late, ids)).toMatchObject({ do: "wait", reason: expect.stringContaining("caught up") });
    const absent = state(members(100), members(0));
    expect(quorumStep(absent, ids)).toMatchObject({ do: "wait", reason: expect.stringContaining("101") });
  });

  it("takes one vote after the other, that of the leader last", () => {
    const five = state(members(100, 101, 102, 103, 104), [], 104);
    expect(quorumStep(five, [100, 101, 102])).toEqual({ do: "remove", member: member(103) });
    const four = state(members(100, 101, 102, 104), [], 104);
    expect(quorumStep(four, [100, 101, 102])).toEqual({ do: "remove", member: member(104) });
  });

  it("takes none while one that stays is away, as the others could not go on without it", () => {
    const away = state([member(100, 60_000), member(101), member(102)], [], 101);
    expect(quorumStep(away, [100])).toMatchObject({ do: "wait", reason: expect.stringContaining("100") });
  });

  it("takes the vote of one that is heard of, or is away for long, and not of one that is being asked for", () => {
    const going = (behindMs: number) => state([member(100), member(101, behindMs)]);
    expect(quorumStep(going(300), [100]).do).toBe("remove");
    expect(quorumStep(going(1500), [100]).do).toBe("wait");
    expect(quorumStep(going(Number.POSITIVE_INFINITY), [100]).do).toBe("remove");
  });

  it("takes the vote of what a node was before its volume was another one, then gives it to what it is now", () => {
    const old = member(101, 60_000, "old");
    const ids = [100, 101, 102];
    const lost = state([member(100), old, member(102)], [member(101, 0, "new")]);
    expect(votersOf(lost)).toEqual([100, 102]);
    expect(quorumStep(lost, ids)).toEqual({ do: "remove", member: old });
    const taken = state(members(100, 102), [member(101, 61_000, "old"), member(101, 0, "new")]);
    expect(quorumStep(taken, ids)).toEqual({ do: "add", member: member(101, 0, "new") });
    const given = state([member(100), member(101, 0, "new"), member(102)], [member(101, 61_000, "old")]);
    expect(quorumStep(given, ids).do).toBe("nothing");
    expect(votersOf(given)).toEqual(ids);
  });

  it("leaves one that is away and has nobody in its place", () => {
    const away = state([member(100), member(101, 60_000), member(102)]);
    expect(quorumStep(away, [100, 101, 102]).do).toBe("nothing");
  });

  it("comes to what it should be from anything, and never has fewer voters than both ends", () => {
    const sets = fc.uniqueArray(fc.integer({ min: 100, max: 104 }), { minLength: 1 });
    fc.assert(
      fc.property(sets, sets, fc.nat(), (from, to, lead) => {
        let voters = new Set(from);
        for (let changes = 0; ; changes += 1) {
          expect(changes).toBeLessThanOrEqual(10);
          const all = new Set([...from, ...to]);
          const others = members(...[...all].filter((id) => !voters.has(id)));
          const leader = [...voters][lead % voters.size] ?? -1;
          const step = quorumStep(state(members(...voters), others, leader), to);
          if (step.do === "nothing") break;
          if (step.do === "wait") throw new Error(step.reason);
          voters =
            step.do === "add"
              ? new Set([...voters, step.member.id])
              : new Set([...voters].filter((id) => id !== step.member.id));
          expect(voters.size).toBeGreaterThanOrEqual(Math.min(from.length, to.length));
        }
        expect([...voters].toSorted()).toEqual(to.toSorted());
      }),
    );
  });
});
