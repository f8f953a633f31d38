import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeStep, type Step, walk } from "./walk.ts";

const hosts = ["vm1", "vm2", "vm3", "vm4", "vm5"];
const walks = fc
  .record({ seed: fc.nat(), count: fc.integer({ min: 2, max: 5 }), spare: fc.boolean() })
  .map(({ seed, count, spare }) => ({
    hosts: hosts.slice(0, count),
    listed: spare && count > 2 ? count - 1 : count,
    steps: walk({
      seed,
      steps: 30,
      hosts: hosts.slice(0, count),
      listed: spare && count > 2 ? count - 1 : count,
    }),
  }));

/** Follows a walk by hand, and tells what it has done at each step. */
function followed(listedAtFirst: readonly string[], steps: readonly Step[]) {
  const listed = new Set(listedAtFirst);
  let dead: string | undefined;
  let hostChanges = 0;
  return steps.map((step) => {
    if (step.kind === "kill") dead = step.host;
    if (step.kind === "back") dead = undefined;
    if (step.kind === "leave-out") listed.delete(step.host);
    if (step.kind === "add") listed.add(step.host);
    if (step.kind === "leave-out" || step.kind === "add") hostChanges += 1;
    if (step.kind === "up" && step.expect !== "harmless") hostChanges = 0;
    return { step, dead, listed: new Set(listed), hostChanges };
  });
}

describe("a walk", () => {
  it("is the same for the same seed, as long as it is to be, and another one for another seed", () => {
    const options = { steps: 30, hosts: hosts.slice(0, 4), listed: 3 };
    expect(walk({ ...options, seed: 7 })).toEqual(walk({ ...options, seed: 7 }));
    expect(walk({ ...options, seed: 7 })).not.toEqual(walk({ ...options, seed: 8 }));
    expect(walk({ ...options, seed: 7 }).length).toBeGreaterThanOrEqual(31);
  });

  it("kills what lives, brings back what is dead, and has an update between two changes of hosts", () => {
    fc.assert(
      fc.property(walks, ({ hosts: all, listed, steps }) => {
        let dead: string | undefined;
        for (const now of followed(all.slice(0, listed), steps)) {
          if (now.step.kind === "kill") expect(dead).toBeUndefined();
          if (now.step.kind === "back") expect(now.step.host).toBe(dead);
          if (now.step.kind === "add") expect(now.step.host).not.toBe(dead);
          expect(now.hostChanges).toBeLessThanOrEqual(1);
          expect(now.listed.size).toBeGreaterThanOrEqual(1);
          dead = now.dead;
        }
      }),
      { numRuns: 20 },
    );
  });

  it("expects of an update no more than it can do: nothing while a host of the config is dead", () => {
    fc.assert(
      fc.property(walks, ({ hosts: all, listed, steps }) => {
        for (const { step, dead, listed: those } of followed(all.slice(0, listed), steps)) {
          if (step.kind !== "up") continue;
          expect(step.expect === "harmless").toBe(dead !== undefined && those.has(dead));
        }
      }),
      { numRuns: 20 },
    );
  });

  it("never gives up the database, and of brokers a minority", () => {
    fc.assert(
      fc.property(walks, ({ steps }) => {
        for (const step of steps) {
          if (step.kind !== "leave-out") continue;
          expect(step.discard.filter((name) => !name.startsWith("kafka-"))).toEqual([]);
          expect(step.discard.length).toBeLessThan(2);
        }
      }),
      { numRuns: 20 },
    );
  });

  it("ends whole, and on four hosts goes every way there is", () => {
    const some = [1, 2, 3, 4].map((seed) => walk({ seed, steps: 30, hosts: hosts.slice(0, 4), listed: 3 }));
    for (const steps of some) expect(steps.at(-1)).toMatchObject({ kind: "up" });
    for (const steps of some) expect(steps.at(-1)).not.toMatchObject({ expect: "harmless" });
    const kinds = new Set(some.flat().map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(["add", "back", "kill", "leave-out", "scale", "up"]);
  });
});

describe("describeStep", () => {
  it("says what is done to what", () => {
    const discard = ["kafka-1@vm2"];
    expect(describeStep({ kind: "leave-out", host: "vm2", discard })).toBe(
      "leave out vm2, without kafka-1@vm2",
    );
    expect(describeStep({ kind: "up", expect: "same" })).toBe("up, same");
    expect(describeStep({ kind: "kill", host: "vm1" })).toBe("kill vm1");
  });
});
