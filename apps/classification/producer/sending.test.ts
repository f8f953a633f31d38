import { describe, expect, it } from "vitest";
import { fixedArrivals, Schedule } from "../../common/schedule.ts";
import { sendOnTime } from "./sending.ts";

const every = (perSecond: number) =>
  new Schedule({ startMs: performance.now(), dueAfterMs: fixedArrivals(perSecond), maxLateMs: 60_000 });

/** Sends so many images, and tells at each how many turns the event loop has had. */
async function turnsWhileSending(perSecond: number, images: number): Promise<number[]> {
  const ending = new AbortController();
  const turns: number[] = [];
  let count = 0;
  let counting = setImmediate(function next() {
    count += 1;
    counting = setImmediate(next);
  });
  await sendOnTime({
    schedule: every(perSecond),
    isFull: () => false,
    send: async (seq) => {
      turns.push(count);
      if (seq === images - 1) ending.abort();
    },
    signal: ending.signal,
  });
  clearImmediate(counting);
  return turns;
}

describe("sendOnTime", () => {
  it.each([700, 2000, 1_000_000])(
    "lets what it sends get away between images at %i a second",
    async (rate) => {
      const turns = await turnsWhileSending(rate, 200);
      expect(turns).toHaveLength(200);
      const without = turns.filter((count, i) => i > 0 && count === turns[i - 1]);
      expect(without).toEqual([]);
    },
  );

  it("sends nothing while it is full, and goes on when there is room", async () => {
    const ending = new AbortController();
    let inFlight = 0;
    let most = 0;
    let sent = 0;
    await sendOnTime({
      schedule: every(10_000),
      isFull: () => inFlight >= 3,
      send: async () => {
        inFlight += 1;
        sent += 1;
        most = Math.max(most, inFlight);
        if (inFlight === 3) setTimeout(() => (inFlight = 0), 1);
        if (sent === 12) ending.abort();
      },
      signal: ending.signal,
    });
    expect({ most, sent }).toEqual({ most: 3, sent: 12 });
  });
});
