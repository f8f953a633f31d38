import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type KafkaMessage, PoisonError } from "../../common/kafka-message.ts";
import type { ImageResult } from "../contract.ts";
import { imageRow as rowOfImage, resultRow as rowOfResult, windowOf } from "./rows.ts";

const headers = {
  id: "producer-1.k.7",
  producer: "producer-1",
  device: "3",
  seq: "7",
  label: "red_circle",
  "content-type": "image/png",
  "scheduled-us": "1700000000000000",
  "sent-us": "1700000000000123",
};

function message(
  value: Buffer | undefined,
  given: Record<string, string | undefined> = headers,
): KafkaMessage {
  const pairs = Object.entries(given).flatMap(([name, text]): [string, Buffer][] =>
    text === undefined ? [] : [[name, Buffer.from(text)]],
  );
  return {
    topic: "images",
    partition: 0,
    offset: 0n,
    timestampMs: 0,
    key: undefined,
    value,
    headers: new Map(pairs),
  };
}

const image = Buffer.from([137, 80, 78, 71]);
const sentMs = 1_700_000_000_000;
const hourMs = 3_600_000;
const window = windowOf(sentMs + hourMs, 2 * hourMs);
const imageRow = (given: KafkaMessage, maxBytes: number) => rowOfImage(given, maxBytes, window);
const resultRow = (given: KafkaMessage) => rowOfResult(given, window);
const reasonOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof PoisonError) return error.message;
    throw error;
  }
  return "";
};

describe("imageRow", () => {
  it("takes the image and what its headers say", () => {
    expect(imageRow(message(image), 100)).toEqual({
      id: "producer-1.k.7",
      producer: "producer-1",
      device: 3,
      seq: 7,
      label: "red_circle",
      contentType: "image/png",
      bytes: image,
      scheduledUs: 1_700_000_000_000_000,
      sentUs: 1_700_000_000_000_123,
    });
  });

  it("stores an image whose sender did not say what it shows", () => {
    expect(imageRow(message(image, { ...headers, label: undefined }), 100).label).toBeNull();
  });

  it.each([
    ["no value", message(undefined), "the message has no image"],
    ["an empty value", message(Buffer.alloc(0)), "the message has no image"],
    ["too large an image", message(Buffer.alloc(101)), "the image has 101 bytes; 100 are allowed"],
    ["no id", message(image, { ...headers, id: undefined }), "headers: id: is missing"],
    [
      "a sequence number that is none",
      message(image, { ...headers, seq: "-1" }),
      "headers: seq: is not a whole number",
    ],
    [
      "a device number beyond an integer",
      message(image, { ...headers, device: "9999999999" }),
      /^headers: device: /,
    ],
    [
      "one that was sent before what is kept",
      message(image, { ...headers, "sent-us": String((sentMs - 2 * hourMs) * 1000) }),
      "sent at 2023-11-14T20:13:20.000Z, before what is kept",
    ],
    [
      "one whose sender's clock is more than a day ahead",
      message(image, { ...headers, "sent-us": String((sentMs + 26 * hourMs) * 1000) }),
      "sent at 2023-11-16T00:13:20.000Z: its sender's clock is ahead",
    ],
    [
      "text that PostgreSQL cannot store",
      message(image, { ...headers, label: "a\0b" }),
      "headers: label: has a NUL character",
    ],
  ])("refuses %s with the reason", (_what, given, reason) => {
    expect(reasonOf(() => imageRow(given, 100))).toMatch(reason);
  });
});

const result: ImageResult = {
  id: "producer-1.k.7",
  producer: "producer-1",
  device: 3,
  seq: 7,
  label: null,
  model: "m",
  top: [
    { label: "red_circle", score: 0.9 },
    { label: "red_square", score: 0.1 },
  ],
  scheduledUs: 1,
  sentUs: sentMs * 1000,
  pickedUs: 3,
  inferenceMs: 1.5,
  batch: 4,
};

describe("resultRow", () => {
  it("takes the likeliest label as the prediction", () => {
    expect(resultRow(message(Buffer.from(JSON.stringify(result))))).toEqual({
      imageId: "producer-1.k.7",
      model: "m",
      predicted: "red_circle",
      score: 0.9,
      top: JSON.stringify(result.top),
      inferenceMs: 1.5,
      batch: 4,
      pickedUs: 3,
      sentUs: sentMs * 1000,
    });
  });

  it("refuses a result without labels, or with a part missing, and names the part", () => {
    expect(reasonOf(() => resultRow(message(Buffer.from(JSON.stringify({ ...result, top: [] })))))).toMatch(
      /^result: top: /,
    );
    expect(reasonOf(() => resultRow(message(Buffer.from(JSON.stringify({ ...result, id: "" })))))).toMatch(
      /^result: id: /,
    );
  });

  it("refuses whatever bytes are no result, and never fails otherwise", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          expect(reasonOf(() => resultRow(message(Buffer.from(bytes))))).not.toBe("");
        },
      ),
    );
  });
});

describe("text", () => {
  it("is bounded in bytes, so that it fits PostgreSQL's indexes", () => {
    const id = (text: string) => () => imageRow(message(image, { ...headers, id: text }), 100);
    expect(id("€".repeat(333))().id).toHaveLength(333);
    expect(reasonOf(id("€".repeat(334)))).toBe("headers: id: has more than 1000 bytes");
    expect(reasonOf(id("😀".repeat(500)))).toBe("headers: id: has more than 1000 bytes");
  });
});
