import { describe, expect, it } from "vitest";
import type { OutgoingMessage } from "../../common/kafka-message.ts";
import { createMetrics } from "../../common/metrics.ts";
import { CameraMeter } from "./meter.ts";
import { Sender } from "./sender.ts";

const picture = { jpeg: Buffer.from([0xff, 0xd8, 0xff, 0xd9]), width: 4, height: 3, shrunk: false };

/** A sender whose messages are acknowledged or refused by hand. */
function senderOf(changed: { maxInFlight?: number } = {}) {
  const sent: { message: OutgoingMessage; resolve: () => void; reject: (error: unknown) => void }[] = [];
  const lost: unknown[] = [];
  const meter = new CameraMeter("gate", 1000, createMetrics("test"));
  const sender = new Sender({
    camera: "gate",
    run: "p.1",
    topic: "frames",
    format: "jpeg",
    keyedBy: "camera",
    maxInFlight: 2,
    meter,
    onLost: (error) => lost.push(error),
    send: (message) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      sent.push({ message, resolve, reject });
      return promise;
    },
    ...changed,
  });
  const seqs = () => sent.map(({ message }) => message.headers?.seq);
  return { sender, sent, lost, meter, seqs };
}

describe("Sender", () => {
  it("numbers frames from 0 in the order in which they are handed over, and passes their bytes on", () => {
    const { sender, sent, seqs } = senderOf();
    for (const us of [10, 20, 30]) sender.hand(picture, us, undefined);
    expect(seqs()).toEqual(["0", "1", "2"]);
    expect(sent[0]?.message.value).toBe(picture.jpeg);
    expect(sent[2]?.message.headers).toMatchObject({ camera: "gate", run: "p.1", "captured-us": "30" });
  });

  it("has no room while as many frames are in flight as may be", async () => {
    const { sender, sent } = senderOf();
    sender.hand(picture, 1, undefined);
    await sender.room();
    sender.hand(picture, 2, undefined);
    let free = false;
    const waiting = sender.room().then(() => {
      free = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(free).toBe(false);
    sent[0]?.resolve();
    await waiting;
    expect(sender.inFlight).toBe(1);
  });

  it("counts what is acknowledged and what is refused, and says why until a frame is taken again", async () => {
    const { sender, sent, lost, meter } = senderOf();
    sender.hand(picture, 1, undefined);
    sender.hand(picture, 2, undefined);
    sent[0]?.reject(new Error("too large"));
    await sender.room();
    expect(sender.failure).toBe("too large");
    sent[1]?.resolve();
    await sender.settled();
    expect(sender.failure).toBeUndefined();
    expect(lost).toHaveLength(1);
    expect(meter.totals).toMatchObject({ passed_through: 2, sent: 1, lost: 1 });
    expect(sender.takeLatencies()).toEqual({ sumMs: expect.closeTo(Date.now(), -4), count: 1 });
    expect(sender.takeLatencies()).toEqual({ sumMs: 0, count: 0 });
  });

  it("tells how long a frame has been unacknowledged", () => {
    const { sender } = senderOf();
    expect(sender.oldestMs()).toBe(0);
    sender.hand(picture, 1, undefined);
    const now = performance.now();
    expect(sender.oldestMs(now + 700)).toBeGreaterThan(699);
  });

  it("sends the end after the last frame is settled, with the number of frames and the rate", async () => {
    const { sender, sent } = senderOf();
    sender.hand(picture, 1, "30000/1001");
    const ending = sender.end("30000/1001");
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toHaveLength(1);
    sent[0]?.resolve();
    await sender.settled();
    await new Promise((resolve) => setImmediate(resolve));
    sent[1]?.resolve();
    await ending;
    expect(sent[1]?.message.headers).toEqual({
      camera: "gate",
      run: "p.1",
      "end-of-stream": "1",
      rate: "30000/1001",
    });
  });
});
