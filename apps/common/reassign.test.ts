import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changed, type Place, type Placed, spread } from "./reassign.ts";

/** Brokers before and after, and partitions on those before, none with more replicas than can be held afterwards. */
const changes = fc
  .record({
    before: fc.uniqueArray(fc.nat({ max: 12 }), { minLength: 1, maxLength: 6 }),
    after: fc.uniqueArray(fc.nat({ max: 12 }), { minLength: 1, maxLength: 6 }),
  })
  .chain(({ before, after }) =>
    fc.record({
      after: fc.constant(after),
      current: fc.array(
        fc.record({
          topic: fc.constantFrom("a", "b", "c"),
          replicas: fc.shuffledSubarray(before, {
            minLength: 1,
            maxLength: Math.min(before.length, after.length),
          }),
        }),
        { maxLength: 24 },
      ),
    }),
  )
  .map(({ after, current }) => ({
    after,
    current: current.map((one, partition): Placed => ({ ...one, partition })),
  }));

const apart = (ids: readonly number[]): Place[] => ids.map((id) => ({ id, host: `host-${id}` }));

function loads(placed: readonly Placed[], ids: readonly number[]): number[] {
  return ids.map((id) => placed.filter(({ replicas }) => replicas.includes(id)).length);
}

const range = (numbers: readonly number[]) => Math.max(...numbers) - Math.min(...numbers);

/** Replicas that are where the partition had none. */
function moved(current: readonly Placed[], wanted: readonly Placed[]): { at: number; to: number }[] {
  return wanted.flatMap(({ replicas }, at) =>
    replicas.filter((id) => !current[at]?.replicas.includes(id)).map((to) => ({ at, to })),
  );
}

describe("spread", () => {
  it("keeps replication, uses these brokers alone, and each as much as any other", () => {
    fc.assert(
      fc.property(changes, ({ current, after }) => {
        const wanted = spread(current, apart(after));
        for (const [i, { topic, partition, replicas }] of wanted.entries()) {
          expect({ topic, partition }).toEqual({
            topic: current[i]?.topic,
            partition: current[i]?.partition,
          });
          expect(new Set(replicas).size).toBe(current[i]?.replicas.length);
          expect(replicas.every((id) => after.includes(id))).toBe(true);
        }
        expect(range(loads(wanted, after))).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("moves no replica that could as well be where it was", () => {
    fc.assert(
      fc.property(changes, ({ current, after }) => {
        const wanted = spread(current, apart(after));
        for (const { at, to } of moved(current, wanted)) {
          const left = (current[at]?.replicas ?? []).filter(
            (id) => after.includes(id) && !wanted[at]?.replicas.includes(id),
          );
          for (const home of left) {
            const back = wanted.map((one, i) =>
              i === at ? { ...one, replicas: one.replicas.map((id) => (id === to ? home : id)) } : one,
            );
            expect(range(loads(back, after))).toBeGreaterThan(1);
          }
        }
      }),
    );
  });

  it("moves to new brokers just what brings them their share", () => {
    fc.assert(
      fc.property(changes, fc.integer({ min: 1, max: 3 }), ({ current, after: old }, more) => {
        const even = spread(current, apart(old));
        const grown = [...old, ...Array.from({ length: more }, (_, i) => 20 + i)];
        const wanted = spread(even, apart(grown));
        const share = Math.floor(even.reduce((sum, { replicas }) => sum + replicas.length, 0) / grown.length);
        expect(moved(even, wanted).every(({ to }) => to >= 20)).toBe(true);
        expect(moved(even, wanted).length).toBeLessThanOrEqual((share + 1) * more);
        expect(spread(wanted, apart(grown))).toEqual(wanted);
      }),
    );
  });

  it("leaves those that are even already, and evens leaders out by their order alone", () => {
    const current = [0, 1, 2].map((partition) => ({ topic: "t", partition, replicas: [0, 1, 2] }));
    const wanted = spread(current, apart([0, 1, 2]));
    expect(moved(current, wanted)).toEqual([]);
    expect(wanted.map(({ replicas }) => replicas[0]).sort()).toEqual([0, 1, 2]);
    expect(changed(current, wanted)).toHaveLength(2);
  });

  it("gives a fourth broker its share of what three have, a third of it to lead", () => {
    const current = Array.from({ length: 12 }, (_, partition) => ({
      topic: "t",
      partition,
      replicas: [partition % 3, (partition + 1) % 3, (partition + 2) % 3],
    }));
    const wanted = spread(current, apart([0, 1, 2, 3]));
    expect(loads(wanted, [0, 1, 2, 3])).toEqual([9, 9, 9, 9]);
    expect(moved(current, wanted)).toHaveLength(9);
    expect(wanted.filter(({ replicas }) => replicas[0] === 3)).toHaveLength(3);
  });

  it("takes a drained broker's replicas to those that lack them", () => {
    const current = [
      { topic: "t", partition: 0, replicas: [3, 0, 1] },
      { topic: "t", partition: 1, replicas: [0, 1, 2] },
    ];
    const wanted = spread(current, apart([0, 1, 2]));
    expect(wanted.map(({ replicas }) => replicas.toSorted())).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
    expect(moved(current, wanted)).toEqual([{ at: 0, to: 2 }]);
  });

  it("keeps replicas on different hosts, though another broker then has fewer", () => {
    const places = [
      { id: 0, host: "vm1" },
      { id: 1, host: "vm2" },
      { id: 2, host: "vm3" },
      { id: 3, host: "vm1" },
    ];
    const current = Array.from({ length: 8 }, (_, partition) => ({
      topic: "t",
      partition,
      replicas: [0, 1, 2],
    }));
    const wanted = spread(current, places);
    for (const { replicas } of wanted) {
      expect(new Set(replicas.map((id) => places[id]?.host)).size).toBe(3);
    }
    expect(loads(wanted, [0, 3])).toEqual([4, 4]);
  });

  it("refuses what replication could not hold", () => {
    expect(() => spread([{ topic: "t", partition: 0, replicas: [0, 1, 2] }], apart([0, 1]))).toThrow(
      "t-0 has 3 replicas, for which 2 brokers are too few",
    );
  });
});
