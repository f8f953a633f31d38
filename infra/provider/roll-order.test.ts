import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rollOrder } from "./roll-order.ts";

const node = (id: number) => ({ name: `kafka-${id}`, id });
const named = (...ids: number[]) => new Set(ids.map((id) => `kafka-${id}`));

describe("rollOrder", () => {
  it("makes a cluster that is not there at once", () => {
    expect(rollOrder([[0, 1, 2].map(node), [node(3)]], new Set(), undefined)).toEqual([
      ["kafka-0", "kafka-1", "kafka-2"],
      ["kafka-3"],
    ]);
  });

  it("takes one after the other where they answer, the active controller last", () => {
    expect(rollOrder([[0, 1, 2].map(node)], named(0, 1, 2), 1)).toEqual([
      ["kafka-0"],
      ["kafka-2"],
      ["kafka-1"],
    ]);
  });

  it("begins with what is away, and makes a new broker after those that vote", () => {
    expect(rollOrder([[0, 1, 2].map(node), [3, 4].map(node)], named(0, 2, 3), 0)).toEqual([
      ["kafka-1"],
      ["kafka-2"],
      ["kafka-0"],
      ["kafka-4"],
      ["kafka-3"],
    ]);
  });

  it("has each node once, and never two that answer in one stage", () => {
    const ids = fc.uniqueArray(fc.nat({ max: 9 }));
    fc.assert(
      fc.property(ids, fc.array(fc.nat({ max: 9 })), fc.nat({ max: 9 }), (all, up, controller) => {
        const answering = named(...up);
        const stages = rollOrder([all.map(node)], answering, controller);
        expect(stages.flat().toSorted()).toEqual(all.map((id) => `kafka-${id}`).toSorted());
        for (const stage of stages) {
          expect(stage.length === 1 || stage.every((name) => !answering.has(name))).toBe(true);
        }
      }),
    );
  });
});
