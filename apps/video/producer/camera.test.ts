import { describe, expect, it } from "vitest";
import type { OutgoingMessage } from "../../common/kafka-message.ts";
import { createLogger } from "../../common/logging.ts";
import { createMetrics } from "../../common/metrics.ts";
import { Camera } from "./camera.ts";
import { camerasSpec } from "./cameras.ts";

const log = createLogger({ app: "test", level: "fatal", environment: "test" });
const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(500), Buffer.from([0xff, 0xd9])]);
const sources = {
  live: { type: "mjpeg", url: "http://camera:9085/" },
  file: { type: "folder", path: "/data", fps: 30, loop: false },
};

/** A camera whose messages wait until `kafka` is let go. */
function cameraOf(kind: keyof typeof sources, maxBufferedFrames = 4) {
  const [spec] = camerasSpec.parse([
    { name: "gate", topic: "frames", format: "jpeg", source: sources[kind] },
  ]);
  if (spec === undefined) throw new Error("no camera");
  const kafka = Promise.withResolvers<void>();
  const sent: OutgoingMessage[] = [];
  const send = async (message: OutgoingMessage) => {
    sent.push(message);
    await kafka.promise;
  };
  const rate = () => (kind === "file" ? "30" : undefined);
  const camera = new Camera({
    spec,
    run: "p.1",
    send,
    rate,
    maxBufferedFrames,
    metrics: createMetrics("t"),
    log,
  });
  const seqs = () => sent.flatMap(({ headers }) => (headers?.seq === undefined ? [] : [Number(headers.seq)]));
  return { camera, sent, seqs, kafka };
}

const frame = (index: number) => ({ jpeg, capturedUs: index * 40_000, width: 4, height: 3 });
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("a live camera", () => {
  it("pushes out its oldest unsent frames while Kafka is slow, and numbers without gaps what it sends", async () => {
    const { camera, sent, seqs, kafka } = cameraOf("live");
    const work = camera.work();
    for (let index = 0; index < 20; index += 1) {
      expect(camera.accept(frame(index))).toBeUndefined();
      await turn();
    }
    expect(camera.queued).toBe(4);
    expect(camera.sender.inFlight).toBe(4);
    kafka.resolve();
    camera.close();
    await work;
    expect(seqs()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const captured = sent.map(({ headers }) => Number(headers?.["captured-us"]) / 40_000);
    expect(captured).toEqual([0, 1, 2, 3, 16, 17, 18, 19]);
    expect(camera.meter.totals).toMatchObject({ captured: 20, dropped: 12, sent: 8, skipped: 0 });
  });

  it("asks for fewer frames while Kafka is slow, and for all of them again afterwards", async () => {
    const { camera, kafka } = cameraOf("live", 60);
    const work = camera.work();
    for (let index = 0; index < 300; index += 1) {
      camera.accept(frame(index));
      await turn();
      if (index % 15 === 14) camera.tick(1, 500);
    }
    expect(camera.fpsAsked).toBeLessThan(5);
    expect(camera.meter.totals.skipped).toBeGreaterThan(50);
    kafka.resolve();
    for (let step = 0; step < 200; step += 1) {
      await turn();
      camera.tick(1, 500);
    }
    expect(camera.fpsAsked).toBe(30);
    camera.close();
    await work;
    const { captured, sent, skipped, dropped } = camera.meter.totals;
    expect(captured).toBe(sent + skipped + dropped);
  });

  it("goes on asking for all frames when they wait for a moment only", async () => {
    const { camera, kafka } = cameraOf("live", 60);
    kafka.resolve();
    const work = camera.work();
    for (let index = 0; index < 100; index += 1) {
      // Ten frames at once, after a pause, are more than are in flight at the moment of the tick.
      if (index % 10 === 0) for (let late = 0; late < 10; late += 1) camera.accept(frame(index + late));
      if (index % 10 === 0) camera.tick(1, 500);
      await turn();
    }
    expect(camera.fpsAsked).toBe(30);
    camera.close();
    await work;
    expect(camera.meter.totals).toMatchObject({ captured: 100, sent: 100 });
  });

  it("leaves out a frame that is too large and no picture, and goes on", async () => {
    const { camera, seqs, kafka } = cameraOf("live");
    kafka.resolve();
    const work = camera.work();
    camera.accept({ ...frame(0), jpeg: Buffer.alloc(200_000, 1) });
    camera.accept(frame(1));
    await turn();
    camera.close();
    await work;
    expect(seqs()).toEqual([0]);
    expect(camera.meter.totals).toMatchObject({ bad: 1, sent: 1, passed_through: 1 });
  });

  it("tells what it could not send when it is given up", async () => {
    const { camera } = cameraOf("live");
    void camera.work();
    for (let index = 0; index < 7; index += 1) {
      camera.accept(frame(index));
      await turn();
    }
    expect(camera.abandon()).toEqual({ unsent: 3, unacknowledged: 4 });
    expect(camera.meter.totals.dropped).toBe(3);
  });
});

describe("a file", () => {
  it("is held back, loses nothing, and ends with the number of its frames and its rate", async () => {
    const { camera, sent, seqs, kafka } = cameraOf("file");
    const work = camera.work();
    const playing = (async () => {
      for (let index = 0; index < 50; index += 1) {
        await camera.accept(frame(index));
        expect(camera.queued).toBeLessThanOrEqual(4);
      }
      camera.close();
    })();
    await turn();
    expect(camera.meter.totals.captured).toBeLessThan(12);
    expect(camera.facts().ended).toBe(false);
    kafka.resolve();
    await playing;
    await work;
    await camera.end();
    expect(seqs()).toEqual([...Array(50).keys()]);
    expect(sent.at(-1)?.headers).toMatchObject({ "end-of-stream": "50", rate: "30" });
    expect(camera.facts().ended).toBe(true);
    expect(camera.fpsAsked).toBeNull();
    expect(camera.meter.totals).toMatchObject({ captured: 50, sent: 50, dropped: 0, skipped: 0 });
  });
});
