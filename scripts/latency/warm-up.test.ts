import { describe, expect, it } from "vitest";
import { withoutResult } from "../../apps/classification/producer/matcher.ts";
import { WarmUp, warmUpWindowMs } from "./warm-up.ts";

function received(latencyMs: number) {
  const image = withoutResult({ seq: 0, device: 0, scheduledUs: 0 }, "received");
  return { ...image, receivedUs: latencyMs * 1000 };
}

describe("WarmUp", () => {
  it("ends when three windows in a row agree, and not before", () => {
    const warmUp = new WarmUp(1000, 0);
    const settledAfter = [40, 20, 10, 10.2, 9.9].map((latencyMs, second) => {
      warmUp.add(Array.from({ length: 30 }, () => received(latencyMs)));
      return warmUp.check((second + 1) * 1000)?.settled;
    });
    expect(settledAfter).toEqual([false, false, false, false, true]);
  });

  it("does not end while images are lost, and passes over their late results", () => {
    const warmUp = new WarmUp(1000, 0);
    for (const second of [1, 2, 3]) {
      const lost = withoutResult({ seq: 1, device: 0, scheduledUs: 0 }, "lost");
      warmUp.add([received(5), lost, lost, { ...received(5), outcome: "late" }]);
      expect(warmUp.check(second * 1000)?.settled).toBe(false);
    }
  });

  it("says nothing before the first window is over", () => {
    expect(new WarmUp(1000, 0).check(999)).toBeUndefined();
  });
});

describe("warmUpWindowMs", () => {
  it("is long enough for 60 images, within 3 to 15 s", () => {
    expect([1, 10, 1000].map(warmUpWindowMs)).toEqual([15_000, 6000, 3000]);
  });
});
