import { describe, expect, it } from "vitest";
import { randomOrder } from "./order.ts";

describe("randomOrder", () => {
  it("has every count as often as asked, each repeat once, and is the same for the same seed", () => {
    const turns = randomOrder([1, 2, 4], 3, 5);
    const text = turns.map(({ producers, repeat }) => `${producers}/${repeat}`);
    expect(text.toSorted()).toEqual(["1/1", "1/2", "1/3", "2/1", "2/2", "2/3", "4/1", "4/2", "4/3"]);
    expect(randomOrder([1, 2, 4], 3, 5)).toEqual(turns);
    const orders = new Set(
      Array.from({ length: 20 }, (_, seed) => JSON.stringify(randomOrder([1, 2, 4], 3, seed))),
    );
    expect(orders.size).toBeGreaterThan(10);
  });
});
