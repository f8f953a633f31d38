import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BufferFullError, SendQueue } from "./send-queue.ts";

class TooLarge extends Error {}

/** A queue of texts that records its requests; texts with an `!` are refused, together with all in their request. */
function queueOf(limits: { maxRequestBytes: number; maxBufferedBytes: number }) {
  const requests: string[][] = [];
  const queue = new SendQueue<string>({
    ...limits,
    sizeOf: (text) => text.length,
    isRefused: (error) => error instanceof TooLarge,
    backoff: { baseMs: 1, capMs: 1 },
    send: async (texts) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (texts.some((text) => text.includes("!"))) throw new TooLarge("too large");
      requests.push([...texts]);
    },
  });
  return { queue, requests };
}

describe("SendQueue", () => {
  it("sends what arrives while a request is under way together, in order", async () => {
    const { queue, requests } = queueOf({ maxRequestBytes: 100, maxBufferedBytes: 1000 });
    const first = queue.push("a");
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([first, queue.push("b"), queue.push("c")]);
    expect(requests.flat()).toEqual(["a", "b", "c"]);
    expect(requests.length).toBeLessThanOrEqual(2);
  });

  it("never exceeds the size of a request, save for a single message", async () => {
    const { queue, requests } = queueOf({ maxRequestBytes: 5, maxBufferedBytes: 1000 });
    await Promise.all(["aaa", "bb", "c", "dddddddd", "e"].map((text) => queue.push(text)));
    expect(requests).toEqual([["aaa", "bb"], ["c"], ["dddddddd"], ["e"]]);
  });

  it("refuses at once what has no room, and has room again after a flush", async () => {
    const { queue } = queueOf({ maxRequestBytes: 5, maxBufferedBytes: 6 });
    const waiting = [queue.push("aaaa"), queue.push("bb")];
    await expect(queue.push("c")).rejects.toBeInstanceOf(BufferFullError);
    await queue.flush();
    expect(queue.bufferedBytes).toBe(0);
    await Promise.all([...waiting, queue.push("c")]);
  });

  it("rejects exactly the messages that are refused, whatever else is in their request", async () => {
    const texts = fc.array(fc.constantFrom("a", "b!", "cc", "d!"), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(texts, async (given) => {
        const { queue, requests } = queueOf({ maxRequestBytes: 8, maxBufferedBytes: 1000 });
        const results = await Promise.allSettled(given.map((text) => queue.push(text)));
        expect(results.map(({ status }) => status === "rejected")).toEqual(
          given.map((text) => text.includes("!")),
        );
        expect(requests.flat()).toEqual(given.filter((text) => !text.includes("!")));
        expect(queue.bufferedBytes).toBe(0);
      }),
    );
  });

  it("sends a group again as a whole, in order, until it is taken", async () => {
    const requests: string[][] = [];
    let leaders = 0;
    const queue = new SendQueue<string>({
      maxRequestBytes: 100,
      maxBufferedBytes: 1000,
      sizeOf: (text) => text.length,
      isRefused: () => false,
      backoff: { baseMs: 1, capMs: 1 },
      send: async (texts) => {
        requests.push([...texts]);
        leaders += 1;
        if (leaders < 4) throw new Error("not the leader");
      },
    });
    await Promise.all([queue.push("a"), queue.push("b")]);
    await queue.push("c");
    expect(requests).toEqual([...Array.from({ length: 4 }, () => ["a", "b"]), ["c"]]);
    expect([queue.bufferedBytes, queue.oldestMs]).toEqual([0, 0]);
  });

  it("rejects what is still waiting once it is closed", async () => {
    const failing = Promise.withResolvers<void>();
    const queue = new SendQueue<string>({
      maxRequestBytes: 1,
      maxBufferedBytes: 1000,
      sizeOf: (text) => text.length,
      isRefused: () => false,
      backoff: { baseMs: 60_000, capMs: 60_000 },
      onRetry: () => failing.resolve(),
      send: async () => {
        throw new Error("no broker");
      },
    });
    const waiting = Promise.allSettled([queue.push("a"), queue.push("b")]);
    await failing.promise;
    queue.close(new Error("ending"));
    expect((await waiting).map((each) => String(each.status === "rejected" && each.reason))).toEqual([
      "Error: ending",
      "Error: ending",
    ]);
  });
});
