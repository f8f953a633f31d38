import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KafkaMessage, OutgoingMessage } from "../../common/kafka-message.ts";
import { createMetrics } from "../../common/metrics.ts";
import { type Classifier, createClassifier } from "./classifier.ts";
import { type Inference, startInference } from "./inference.ts";
import type { Stage } from "./stages.ts";
import { writeColourModel } from "./testing/colour-model.ts";
import { classifyMessages } from "./work.ts";

let inference: Inference;
let classifier: Classifier;
let png: Buffer;

beforeAll(async () => {
  inference = await startInference({ folder: writeColourModel(), threads: 1 });
  classifier = createClassifier({
    inference,
    metrics: createMetrics("work-test"),
    maxBatch: 32,
    maxPixels: 100_000,
  });
  png = await sharp({ create: { width: 8, height: 8, channels: 3, background: "#f00" } })
    .png()
    .toBuffer();
});
afterAll(() => inference.close());

function message(
  seq: number,
  value: Buffer | undefined = png,
  changes: Record<string, string | undefined> = {},
) {
  const id = `producer-1.abc.${seq}`;
  const texts = {
    id,
    producer: "producer-1",
    device: "3",
    seq: String(seq),
    label: "red_circle",
    "scheduled-us": "1700000000000000",
    "sent-us": "1700000000000123",
    ...changes,
  };
  const headers = new Map<string, Buffer>();
  for (const [name, text] of Object.entries(texts)) {
    if (text !== undefined) headers.set(name, Buffer.from(text));
  }
  const at = { topic: "images", partition: 0, offset: BigInt(seq), timestampMs: 0 };
  return { ...at, key: Buffer.from(id), value, headers } satisfies KafkaMessage;
}

async function work(messages: readonly KafkaMessage[]) {
  const sent: OutgoingMessage[] = [];
  const stages: Stage[] = [];
  const send = async (outgoing: OutgoingMessage) => void sent.push(outgoing);
  const log = { push: (stage: Stage) => void stages.push(stage) };
  const rejections = await classifyMessages(messages, classifier, { send }, log);
  return { sent, stages, rejections, results: sent.map(({ value }) => JSON.parse(String(value))) };
}

describe("classifyMessages", () => {
  it("sends a result for each image under the image's key", async () => {
    const { sent, rejections, results } = await work([message(0), message(1)]);
    expect(rejections).toEqual([]);
    expect(sent.map(({ topic, key }) => [topic, String(key)])).toEqual([
      ["image-results", "producer-1.abc.0"],
      ["image-results", "producer-1.abc.1"],
    ]);
    expect(results[1]).toEqual({
      id: "producer-1.abc.1",
      producer: "producer-1",
      device: 3,
      seq: 1,
      label: "red_circle",
      model: "colours",
      top: [
        { label: "red", score: expect.closeTo(0.9999, 3) },
        { label: "green", score: expect.closeTo(0, 3) },
        { label: "blue", score: expect.closeTo(0, 3) },
      ],
      scheduledUs: 1700000000000000,
      sentUs: 1700000000000123,
      pickedUs: expect.any(Number),
      inferenceMs: expect.any(Number),
      batch: 2,
    });
    expect(Math.abs(results[1].pickedUs / 1000 - Date.now())).toBeLessThan(60_000);
  });

  it("sends results in the order of their images, though a later one is classified first", async () => {
    const first = Promise.withResolvers<void>();
    let calls = 0;
    const uneven: Classifier = {
      classify: async (...args) => {
        calls += 1;
        if (calls === 1) await first.promise;
        const result = await classifier.classify(...args);
        first.resolve();
        return result;
      },
    };
    const keys: string[] = [];
    const send = async ({ key }: OutgoingMessage) => void keys.push(String(key));
    await classifyMessages(
      [0, 1, 2].map((seq) => message(seq)),
      uneven,
      { send },
      { push: () => {} },
    );
    expect(keys).toEqual([0, 1, 2].map((seq) => `producer-1.abc.${seq}`));
  });

  it("fails as a whole, and only when it is asked, with an image whose model fails while others are waited for", async () => {
    const failing: Classifier = {
      classify: async (_source, image) => {
        if (image.length === 1) throw new Error("the model failed");
        return classifier.classify("kafka", image);
      },
    };
    const batch = [message(0), message(1, Buffer.from("x"))];
    const work = classifyMessages(batch, failing, { send: async () => {} }, { push: () => {} });
    await expect(work).rejects.toThrow("the model failed");
  });

  it("notes when each image was taken up, classified and acknowledged, in this order", async () => {
    const { stages } = await work([message(0), message(1, Buffer.from("damaged")), message(2)]);
    expect(stages.map(({ id }) => id)).toEqual(["producer-1.abc.0", "producer-1.abc.2"]);
    for (const { pickedUs, classifiedUs, inferenceMs, resultAckedUs } of stages) {
      expect(classifiedUs - pickedUs).toBeGreaterThanOrEqual(inferenceMs * 1000 - 1);
      expect(resultAckedUs).toBeGreaterThanOrEqual(classifiedUs);
    }
  });

  it("rejects damaged images with the reason and does everything around them", async () => {
    const damaged = message(1, Buffer.from("damaged"));
    const empty = { ...message(2), value: undefined };
    const { rejections, results } = await work([message(0), damaged, empty, message(3)]);
    expect(results.map(({ seq, batch }) => [seq, batch])).toEqual([
      [0, 2],
      [3, 2],
    ]);
    expect(rejections.map(({ message: { offset }, reason }) => [offset, reason])).toEqual([
      [1n, expect.stringMatching(/^not an image: .*unsupported image format/)],
      [2n, "not an image: there are no bytes"],
    ]);
  });

  it.each([
    ["id", undefined, "header id is missing"],
    ["device", "x", 'header device is "x", not a whole number'],
    ["seq", "-1", 'header seq is "-1", not a whole number'],
    ["sent-us", undefined, "header sent-us is missing"],
    ["results-partition", "x", 'header results-partition is "x", not a whole number'],
  ])("rejects a message whose header %s is %s", async (name, text, reason) => {
    const { rejections, sent } = await work([message(0, png, { [name]: text })]);
    expect(rejections.map((rejection) => rejection.reason)).toEqual([reason]);
    expect(sent).toEqual([]);
  });

  it("sends a result to the partition that its sender reads, and by its key where the sender does not say", async () => {
    const { sent } = await work([message(0, png, { "results-partition": "7" }), message(1)]);
    expect(sent.map(({ partition }) => partition)).toEqual([7, undefined]);
  });

  it("passes on that the sender did not say what the image shows", async () => {
    expect((await work([message(0, png, { label: undefined })])).results[0].label).toBeNull();
  });

  it("fails when a result is not acknowledged, so that nothing is committed", async () => {
    const send = async ({ key }: OutgoingMessage) => {
      if (String(key).endsWith(".1")) throw new Error("not enough replicas");
    };
    const log = { push: () => undefined };
    await expect(classifyMessages([message(0), message(1)], classifier, { send }, log)).rejects.toThrow(
      "not enough",
    );
  });
});
