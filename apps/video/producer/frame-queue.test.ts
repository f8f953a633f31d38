import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameQueue } from "./frame-queue.ts";

const frame = (id: number, length = 10) => ({ id, jpeg: { length } });
const queueOf = (maxFrames: number, maxBytes = 1e9) =>
  new FrameQueue<ReturnType<typeof frame>>({ maxFrames, maxBytes });

async function drain(queue: ReturnType<typeof queueOf>): Promise<number[]> {
  queue.close();
  const ids: number[] = [];
  for (let next = await queue.take(); next !== undefined; next = await queue.take()) ids.push(next.id);
  return ids;
}

describe("FrameQueue", () => {
  it("pushes out the oldest, counts them, and keeps the newest in order, within both limits", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 100 })),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 300 }),
        async (sizes, maxFrames, maxBytes) => {
          const queue = queueOf(maxFrames, maxBytes);
          let dropped = 0;
          for (const [id, size] of sizes.entries()) {
            dropped += queue.push(frame(id, size));
            expect(queue.length).toBeLessThanOrEqual(maxFrames);
            if (queue.length > 1) expect(queue.bytes).toBeLessThanOrEqual(maxBytes);
          }
          const left = await drain(queue);
          expect(left.length + dropped).toBe(sizes.length);
          expect(left).toEqual([...sizes.keys()].slice(dropped));
        },
      ),
    );
  });

  it("holds a source back until there is room, and drops nothing", async () => {
    const queue = queueOf(2);
    const source = (async () => {
      for (let id = 0; id < 20; id += 1) expect(await queue.put(frame(id))).toBe(true);
      queue.close();
    })();
    const ids: number[] = [];
    for (let next = await queue.take(); next !== undefined; next = await queue.take()) {
      expect(queue.length).toBeLessThanOrEqual(2);
      ids.push(next.id);
    }
    await source;
    expect(ids).toEqual([...Array(20).keys()]);
  });

  it("gives a frame to a taker that waits, and ends the wait when it closes", async () => {
    const queue = queueOf(2);
    const first = queue.take();
    queue.push(frame(7));
    expect((await first)?.id).toBe(7);
    const second = queue.take();
    queue.close();
    expect(await second).toBeUndefined();
  });

  it("takes nothing when it is closed, and lets go of a source that waits", async () => {
    const queue = queueOf(1);
    queue.push(frame(0));
    const waiting = queue.put(frame(1));
    queue.close();
    expect(await waiting).toBe(false);
    expect(queue.push(frame(2))).toBe(1);
    expect(queue.clear()).toBe(1);
    expect(await queue.take()).toBeUndefined();
  });
});
