import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Batches } from "./batches.ts";

/** Batches that end when they are told to. */
function controlled() {
  const begun: { items: readonly string[]; end: () => void; fail: (error: Error) => void }[] = [];
  const batches = new Batches<string>((items) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    begun.push({ items, end: resolve, fail: reject });
    return promise;
  });
  return { batches, begun };
}

describe("Batches", () => {
  it("does the first at once, and what comes meanwhile together", async () => {
    const { batches, begun } = controlled();
    const all = ["a", "b", "c"].map((item) => batches.add(item));
    expect(begun.map(({ items }) => items)).toEqual([["a"]]);
    begun[0]?.end();
    await all[0];
    await turn();
    expect(begun.map(({ items }) => items)).toEqual([["a"], ["b", "c"]]);
    begun[1]?.end();
    await Promise.all(all);
    await turn();
    const last = batches.add("d");
    begun[2]?.end();
    await last;
    expect(begun).toHaveLength(3);
  });

  it("tells all of a batch that fails, and goes on with the next", async () => {
    const { batches, begun } = controlled();
    const first = batches.add("a");
    const others = ["b", "c"].map((item) => batches.add(item).catch(String));
    begun[0]?.fail(new Error("no"));
    await expect(first).rejects.toThrow("no");
    const last = batches.add("d");
    await turn();
    begun[1]?.fail(new Error("not these"));
    expect(await Promise.all(others)).toEqual(["Error: not these", "Error: not these"]);
    begun[2]?.end();
    await last;
  });
});
