import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ImageResult } from "../contract.ts";
import { Matcher } from "./matcher.ts";

function result(id: string): ImageResult {
  const rest = { producer: "p", device: 1, label: "cat", model: "m", scheduledUs: 0, sentUs: 0 };
  return { id, seq: 5, ...rest, top: [{ label: "cat", score: 1 }], pickedUs: 77, inferenceMs: 2, batch: 3 };
}

function image(id: string, scheduledUs: number, sentUs: number) {
  return { id, seq: 5, device: 1, scheduledUs, sentUs, bytes: 2500, label: "cat" };
}

describe("Matcher", () => {
  it("measures an image from when it was due to when its result came back", () => {
    const matcher = new Matcher({ timeoutMs: 1000, capacity: 10 });
    matcher.sent(image("a", 100, 120));
    expect(matcher.oldestUnacknowledgedUs()).toBe(120);
    matcher.acknowledged("a", 150);
    expect(matcher.oldestUnacknowledgedUs()).toBeUndefined();
    expect(matcher.received(result("a"), 400, 300)).toEqual({
      kind: "received",
      sample: {
        id: "a",
        seq: 5,
        device: 1,
        scheduledUs: 100,
        sentUs: 120,
        ackedUs: 150,
        receivedUs: 400,
        pickedUs: 77,
        inferenceMs: 2,
        batch: 3,
        label: "cat",
        predicted: "cat",
        outcome: "received",
        bytes: 2500,
        resultBytes: 300,
      },
    });
    expect(matcher.inFlight).toBe(0);
  });

  it("tells a late result from one that came twice and from one of an image never sent", () => {
    const matcher = new Matcher({ timeoutMs: 1, capacity: 10 });
    matcher.sent(image("a", 0, 0));
    expect(matcher.expire(999)).toEqual([]);
    expect(matcher.expire(1000)).toMatchObject([
      { id: "a", outcome: "lost", scheduledUs: 0, sentUs: 0, ackedUs: null, receivedUs: null },
    ]);
    expect(matcher.received(result("a"), 2000, 300).kind).toBe("late");
    expect(matcher.received(result("a"), 2000, 300).kind).toBe("unexpected");
    expect(matcher.received(result("b"), 2000, 300).kind).toBe("unexpected");
  });

  it("has no room beyond its capacity, and room again for an image that could not be sent", () => {
    const matcher = new Matcher({ timeoutMs: 1000, capacity: 1 });
    matcher.sent(image("a", 0, 0));
    expect(matcher.isFull).toBe(true);
    expect(() => matcher.sent(image("b", 0, 0))).toThrow(RangeError);
    matcher.failed("a");
    expect(matcher.isFull).toBe(false);
  });

  it("accounts for every image exactly once and stays within its capacity, whatever happens in whatever order", () => {
    const event = fc.oneof(
      fc.record({ kind: fc.constant("send" as const), pauseUs: fc.nat({ max: 300 }) }),
      fc.record({ kind: fc.constant("result" as const), image: fc.nat({ max: 60 }) }),
      fc.record({ kind: fc.constant("fail" as const), image: fc.nat({ max: 60 }) }),
      fc.record({ kind: fc.constant("expire" as const), pauseUs: fc.nat({ max: 2000 }) }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 120 }), (events) => {
        const matcher = new Matcher({ timeoutMs: 1, capacity: 8 });
        let nowUs = 0;
        const counts = { sent: 0, received: 0, lost: 0, late: 0, failed: 0 };
        for (const happening of events) {
          if (happening.kind === "result") {
            const { kind } = matcher.received(result(String(happening.image)), nowUs, 300);
            if (kind !== "unexpected") counts[kind] += 1;
            continue;
          }
          if (happening.kind === "fail") {
            if (matcher.failed(String(happening.image)) !== undefined) counts.failed += 1;
            continue;
          }
          nowUs += happening.pauseUs;
          if (happening.kind === "expire") counts.lost += matcher.expire(nowUs).length;
          else if (!matcher.isFull) matcher.sent(image(String(counts.sent++), nowUs, nowUs));
        }
        expect(counts.received + counts.lost + counts.failed + matcher.inFlight).toBe(counts.sent);
        expect(counts.late).toBeLessThanOrEqual(counts.lost);
        expect(matcher.inFlight).toBeLessThanOrEqual(8);
      }),
    );
  });
});
