import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { spreadReplicas } from "./replicas.ts";

/** Brokers with gaps in their ids, and partitions that live on some of them. */
const clusters = fc.uniqueArray(fc.nat({ max: 50 }), { minLength: 1, maxLength: 8 }).chain((brokers) =>
  fc.record({
    brokers: fc.constant(brokers),
    replication: fc.integer({ min: 1, max: brokers.length }),
    current: fc.array(fc.shuffledSubarray(brokers, { minLength: 1 }), { minLength: 1, maxLength: 20 }),
  }),
);

describe("spreadReplicas", () => {
  it("gives each partition the wanted number of different brokers and keeps its preferred leader", () => {
    fc.assert(
      fc.property(clusters, ({ brokers, replication, current }) => {
        const spread = spreadReplicas(current, replication, brokers);
        expect(spread.map((replicas) => replicas[0])).toEqual(current.map((replicas) => replicas[0]));
        for (const replicas of spread) {
          expect(new Set(replicas).size).toBe(replication);
          expect(replicas.every((id) => brokers.includes(id))).toBe(true);
        }
      }),
    );
  });

  it("fills the emptiest brokers first", () => {
    expect(spreadReplicas([[0], [0], [0]], 2, [0, 1, 2])).toEqual([
      [0, 1],
      [0, 2],
      [0, 1],
    ]);
  });

  it("replaces a broker that is gone", () => {
    expect(spreadReplicas([[7, 1]], 2, [1, 2])).toEqual([[1, 2]]);
  });

  it("refuses more replicas than brokers", () => {
    expect(() => spreadReplicas([[0]], 3, [0, 1])).toThrow(
      "replication 3 needs as many brokers; there are 2",
    );
  });
});
