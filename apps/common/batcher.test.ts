import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Batcher } from "./batcher.ts";

/** A batcher whose runs last until they are released one after the other. */
function stepped(maxBatch: number) {
  const batches: number[][] = [];
  const releases: (() => void)[] = [];
  const batcher = new Batcher<number, number>(async (items) => {
    batches.push([...items]);
    await new Promise<void>((resolve) => releases.push(resolve));
    return items.map((item) => item * 2);
  }, maxBatch);
  return { batcher, batches, release: () => releases.shift()?.() };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("Batcher", () => {
  it("starts an item that finds nothing running at once and alone", async () => {
    const { batcher, batches, release } = stepped(8);
    const result = batcher.submit(1);
    await turn();
    expect(batches).toEqual([[1]]);
    release();
    expect(await result).toEqual({ result: 2, batch: 1 });
  });

  it("takes what came meanwhile as the next batch, up to its limit", async () => {
    const { batcher, batches, release } = stepped(3);
    const all = [batcher.submit(0)];
    await turn();
    all.push(...[1, 2, 3, 4].map((item) => batcher.submit(item)));
    expect(batcher.waiting).toBe(4);
    for (let i = 0; i < 3; i += 1) {
      release();
      await turn();
    }
    expect(batches).toEqual([[0], [1, 2, 3], [4]]);
    expect((await Promise.all(all)).map(({ batch }) => batch)).toEqual([1, 3, 3, 3, 1]);
  });

  it("gives each item its own result, in order, in batches within the limit, whatever comes when", async () => {
    const bursts = fc.array(fc.array(fc.integer(), { maxLength: 12 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(bursts, fc.integer({ min: 1, max: 6 }), async (arrivals, maxBatch) => {
        const seen: number[] = [];
        let running = 0;
        const batcher = new Batcher<number, string>(async (items) => {
          running += 1;
          expect(running).toBe(1);
          expect(items.length).toBeGreaterThan(0);
          expect(items.length).toBeLessThanOrEqual(maxBatch);
          seen.push(...items);
          await turn();
          running -= 1;
          return items.map(String);
        }, maxBatch);
        const results: Promise<{ result: string }>[] = [];
        for (const burst of arrivals) {
          results.push(...burst.map((item) => batcher.submit(item)));
          await turn();
        }
        const items = arrivals.flat();
        expect((await Promise.all(results)).map(({ result }) => result)).toEqual(items.map(String));
        expect(seen).toEqual(items);
        expect(batcher.waiting).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  it("tells everybody in a batch that failed, and goes on with the next", async () => {
    const batcher = new Batcher<number, number>(async (items) => {
      if (items.includes(0)) throw new Error("no zero");
      return items;
    }, 2);
    const settled = await Promise.allSettled([1, 0, 2].map((item) => batcher.submit(item)));
    expect(settled.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
  });

  it("refuses a run that loses results", async () => {
    const batcher = new Batcher<number, number>(async () => [], 2);
    await expect(batcher.submit(1)).rejects.toThrow("a batch of 1 gave 0 results");
  });
});
