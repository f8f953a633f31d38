import { describe, expect, it } from "vitest";
import { headerText, type KafkaMessage, sizeOf } from "./kafka-message.ts";

const message: KafkaMessage = {
  topic: "images",
  partition: 3,
  offset: 12_345_678_901n,
  timestampMs: 0,
  key: Buffer.from("key"),
  value: Buffer.from([0, 255]),
  headers: new Map([["label", Buffer.from("zèbre")]]),
};

describe("headerText", () => {
  it("reads UTF-8, and undefined where there is no such header", () => {
    expect(headerText(message, "label")).toBe("zèbre");
    expect(headerText(message, "id")).toBeUndefined();
  });

  it("refuses what is no UTF-8, of which different values would look the same", () => {
    const headers = new Map([["id", Buffer.from([0x61, 0xff])]]);
    expect(() => headerText({ ...message, headers }, "id")).toThrow("header id is no UTF-8");
  });
});

describe("sizeOf", () => {
  it("counts bytes rather than characters, the same for what is read and what is sent", () => {
    const same = { topic: "images", key: "key", value: Buffer.from([0, 255]), headers: { label: "zèbre" } };
    expect(sizeOf(message)).toBe(sizeOf(same));
    expect(sizeOf({ ...same, value: "é" }) - sizeOf({ ...same, value: "" })).toBe(2);
  });
});
