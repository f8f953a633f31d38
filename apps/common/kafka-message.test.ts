import { describe, expect, it } from "vitest";
import { deadLetter, headerText, type KafkaMessage, sizeOf } from "./kafka-message.ts";

const message: KafkaMessage = {
  topic: "images",
  partition: 3,
  offset: 12_345_678_901n,
  timestampMs: 0,
  key: Buffer.from("key"),
  value: Buffer.from([0, 255]),
  headers: new Map([["label", Buffer.from("zèbre")]]),
};

describe("deadLetter", () => {
  it("keeps key, value and headers and adds why it is there and where it comes from", () => {
    expect(
      deadLetter({ message, reason: "not an image" }, "images.dlq", "classification-classifier"),
    ).toEqual({
      topic: "images.dlq",
      key: message.key,
      value: message.value,
      headers: {
        label: Buffer.from("zèbre"),
        "dlq-reason": "not an image",
        "dlq-topic": "images",
        "dlq-partition": "3",
        "dlq-offset": "12345678901",
        "dlq-group": "classification-classifier",
      },
    });
  });

  it("shortens a reason that would not fit beside the largest message", () => {
    const letter = deadLetter(
      { message, reason: "x".repeat(100_000) },
      "images.dlq",
      "classification-classifier",
    );
    expect(letter.headers?.["dlq-reason"]).toHaveLength(1000);
  });
});

describe("headerText", () => {
  it("reads UTF-8, and undefined where there is no such header", () => {
    expect(headerText(message, "label")).toBe("zèbre");
    expect(headerText(message, "id")).toBeUndefined();
  });
});

describe("sizeOf", () => {
  it("counts bytes rather than characters, the same for what is read and what is sent", () => {
    const same = { topic: "images", key: "key", value: Buffer.from([0, 255]), headers: { label: "zèbre" } };
    expect(sizeOf(message)).toBe(sizeOf(same));
    expect(sizeOf({ ...same, value: "é" }) - sizeOf({ ...same, value: "" })).toBe(2);
  });
});
