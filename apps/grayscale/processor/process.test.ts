import { describe, expect, it } from "vitest";
import { type OutgoingMessage, PoisonError } from "../../common/kafka-message.ts";
import { createMetrics } from "../../common/metrics.ts";
import { encodeEnd, encodeFrame } from "../../media/frame.ts";
import { decodeProcessed } from "../contract.ts";
import { grayscale } from "../steps/grayscale.ts";
import type { Step } from "../steps/step.ts";
import { colourFrame, received } from "../testing/frames.ts";
import { Processor } from "./process.ts";

const video = { camera: "file", run: "1", frames: 4, rate: "30", width: 64, height: 48 };
const { signal } = new AbortController();

function processor(step: Step = grayscale, maxProcessedBytes = 1_000_000) {
  const sent: OutgoingMessage[] = [];
  const options = { step, topic: "out", concurrency: 2, maxProcessedBytes, metrics: createMetrics("test") };
  const send = async (message: OutgoingMessage) => {
    sent.push(message);
  };
  return { sent, processor: new Processor({ ...options, send }) };
}

async function frameMessage(seq: number, jpeg?: Buffer) {
  const frame = await colourFrame(video, seq);
  return received(encodeFrame({ ...frame, ...(jpeg === undefined ? {} : { jpeg }) }, "in", "jpeg", "frame"));
}

describe("Processor", () => {
  it("passes processed frames and the end on, with their headers and the step", async () => {
    const made = processor();
    const messages = [await frameMessage(0), await frameMessage(1), received(encodeEnd(video, "in"))];
    expect(await made.processor.process(messages, signal)).toEqual([]);
    const results = made.sent.map((message) => decodeProcessed(received(message)));
    expect(results.filter(({ kind }) => kind === "frame")).toHaveLength(2);
    expect(results).toContainEqual({
      kind: "end",
      step: "grayscale",
      camera: "file",
      run: "1",
      frames: 4,
      rate: "30",
    });
  });

  it("rejects a frame that cannot be decoded and announces it as lost, and does the others", async () => {
    const made = processor();
    const broken = await frameMessage(1, Buffer.from("ffd8deadbeefffd9", "hex"));
    const cut = await frameMessage(2, (await colourFrame(video, 2)).jpeg.subarray(0, 300));
    const rejections = await made.processor.process(
      [await frameMessage(0), broken, cut, await frameMessage(3)],
      signal,
    );
    expect(new Set(rejections.map(({ message }) => message))).toEqual(new Set([broken, cut]));
    const results = made.sent.map((message) => decodeProcessed(received(message)));
    const numbers = (kind: string) =>
      results
        .flatMap((result) => (result.kind === kind && result.kind !== "end" ? [result.seq] : []))
        .toSorted();
    expect(numbers("frame")).toEqual([0, 3]);
    expect(numbers("lost")).toEqual([1, 2]);
  });

  it("sends all of a batch before it waits for Kafka's answer, and resolves with the last one", async () => {
    const asked: PromiseWithResolvers<void>[] = [];
    const made = new Processor({
      ...{ step: grayscale, topic: "out", concurrency: 1, maxProcessedBytes: 1_000_000 },
      metrics: createMetrics("test"),
      send: () => {
        const answer = Promise.withResolvers<void>();
        asked.push(answer);
        return answer.promise;
      },
    });
    let done = false;
    const batch = [await frameMessage(0), await frameMessage(1), await frameMessage(2)];
    const all = made.process(batch, signal).then(() => {
      done = true;
    });
    await expect.poll(() => asked.length).toBe(3);
    for (const answer of asked.slice(1)) answer.resolve();
    await Promise.resolve();
    expect(done).toBe(false);
    asked[0]?.resolve();
    await all;
  });

  it("counts a frame as lost whose result Kafka refuses for good, and fails with any other refusal", async () => {
    const refused = (error: Error) => {
      const kinds: string[] = [];
      const send = async (message: OutgoingMessage) => {
        const { kind } = decodeProcessed(received(message));
        kinds.push(kind);
        if (kind === "frame") throw error;
      };
      const options = { step: grayscale, topic: "out", concurrency: 2, maxProcessedBytes: 1_000_000 };
      return { kinds, processor: new Processor({ ...options, metrics: createMetrics("test"), send }) };
    };
    const poison = refused(new PoisonError("too large"));
    const message = await frameMessage(0);
    expect(await poison.processor.process([message], signal)).toEqual([{ message, reason: "too large" }]);
    expect(poison.kinds).toEqual(["frame", "lost"]);
    const away = refused(new Error("no leader"));
    await expect(away.processor.process([await frameMessage(0)], signal)).rejects.toThrow("no leader");
  });

  it("rejects what does not even say which frame it is", async () => {
    const made = processor();
    const [rejection] = await made.processor.process([received({ topic: "in", value: "junk" })], signal);
    expect(rejection?.reason).toBe("header camera is missing");
    expect(made.sent).toEqual([]);
  });

  it("counts a result that is too large as lost", async () => {
    const made = processor(grayscale, 100);
    const [rejection] = await made.processor.process([await frameMessage(0)], signal);
    expect(rejection?.reason).toMatch(/MAX_PROCESSED_BYTES allows 100/);
    expect(made.sent).toHaveLength(1);
  });

  it("fails as a whole when a step fails otherwise, so that the batch comes again", async () => {
    const failing: Step = { name: "failing", process: () => Promise.reject(new Error("no memory")) };
    await expect(processor(failing).processor.process([await frameMessage(0)], signal)).rejects.toThrow(
      "no memory",
    );
  });

  it("does not pass on what it has been told to give up", async () => {
    const abort = new AbortController();
    const step: Step = {
      name: "given-up",
      process: async (jpeg) => {
        abort.abort(new Error("given up"));
        return jpeg;
      },
    };
    const made = processor(step);
    await expect(made.processor.process([await frameMessage(0)], abort.signal)).rejects.toThrow("given up");
    expect(made.sent).toEqual([]);
  });
});
