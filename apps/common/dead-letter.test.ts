import { describe, expect, it } from "vitest";
import { checkSizes, deadLetter, maxHeaderBytes, sendDeadLetter } from "./dead-letter.ts";
import {
  type ExactHeader,
  type ExactMessage,
  exactHeaders,
  type KafkaMessage,
  type OutgoingMessage,
  sizeOf,
} from "./kafka-message.ts";
import { MessageTooLargeError } from "./send-errors.ts";

const message: KafkaMessage = {
  topic: "images",
  partition: 3,
  offset: 12_345_678_901n,
  timestampMs: 1_700_000_000_000,
  key: Buffer.from("key"),
  value: Buffer.from([0, 255]),
  headers: new Map([["label", Buffer.from("zèbre")]]),
};

const texts = ({ headers }: ExactMessage) =>
  headers.map(([name, value]) => [String(name), value?.toString()]);

describe("deadLetter", () => {
  it("keeps key, value and headers and adds why it is there and where it comes from", () => {
    const letter = deadLetter({ message, reason: "not an image" }, "classification-classifier");
    expect({ ...letter, headers: texts(letter) }).toEqual({
      topic: "images.dlq",
      key: message.key,
      value: message.value,
      timestampMs: 1_700_000_000_000,
      headers: [
        ["label", "zèbre"],
        ["dlq-reason", "not an image"],
        ["dlq-topic", "images"],
        ["dlq-partition", "3"],
        ["dlq-offset", "12345678901"],
        ["dlq-group", "classification-classifier"],
      ],
    });
  });

  it("keeps null keys and values, repeated headers, null ones and names that are no UTF-8, byte for byte", () => {
    const exact: ExactHeader[] = [
      [Buffer.from("label"), Buffer.from("first")],
      [Buffer.from("label"), Buffer.from("second")],
      [Buffer.from([0xff, 0x00]), undefined],
    ];
    const odd = { ...message, key: undefined, value: undefined, exactHeaders: exact };
    const letter = deadLetter({ message: odd, reason: "odd" }, "group");
    expect(letter).toMatchObject({ key: undefined, value: undefined });
    expect(letter.headers.slice(0, 3)).toEqual(exact);
  });

  it("gives a message without a time none", () => {
    expect(
      deadLetter({ message: { ...message, timestampMs: -1 }, reason: "odd" }, "group"),
    ).not.toHaveProperty("timestampMs");
  });

  it("shortens a reason that would not fit beside the largest message", () => {
    const letter = deadLetter({ message, reason: "x".repeat(100_000) }, "classification-classifier");
    expect(texts(letter).find(([name]) => name === "dlq-reason")?.[1]).toHaveLength(1000);
  });
});

describe("checkSizes", () => {
  it("rejects headers that are too large in all, and leaves the others to be handled", () => {
    const many = new Map(Array.from({ length: 400 }, (_, i) => [`h${i}`, Buffer.alloc(100)]));
    const large = { ...message, headers: many };
    const { fit, rejections } = checkSizes([message, large]);
    expect(fit).toEqual([message]);
    expect(rejections).toEqual([
      { message: large, reason: expect.stringContaining(`${maxHeaderBytes} are allowed`) },
    ]);
  });
});

describe("sendDeadLetter", () => {
  /** A topic that takes messages up to a size. */
  function topicOf(maxBytes: number) {
    const taken: ExactMessage[] = [];
    const send = async (letter: OutgoingMessage | ExactMessage) => {
      if (sizeOf(letter) > maxBytes) throw new MessageTooLargeError(letter.topic, sizeOf(letter));
      const { topic, key, value } = letter;
      taken.push({
        topic,
        key: key === undefined ? undefined : Buffer.from(key),
        value: value === undefined ? undefined : Buffer.from(value),
        headers: exactHeaders(letter),
      });
    };
    return { taken, send };
  }

  it("sends the beginning of what is refused whole, and how large it was", async () => {
    const topic = topicOf(65_536);
    const value = Buffer.alloc(200_000, "v");
    const headers = new Map([
      ["label", Buffer.from("zèbre")],
      ["huge", Buffer.alloc(300_000)],
    ]);
    const large = { ...message, key: Buffer.alloc(100_000, "k"), value, headers };
    await sendDeadLetter({ message: large, reason: "too much" }, "group", topic);
    const [letter] = topic.taken;
    expect(topic.taken).toHaveLength(1);
    expect(value.subarray(0, 32_768).equals(Buffer.from(letter?.value ?? ""))).toBe(true);
    expect(letter === undefined ? {} : Object.fromEntries(texts(letter))).toMatchObject({
      label: "zèbre",
      "dlq-reason": "too much",
      "dlq-truncated": "true",
      "dlq-size": String(sizeOf(large)),
    });
    expect(letter?.headers.map(([name]) => String(name))).not.toContain("huge");
  });

  it("leaves alone what fits, and throws what has another reason", async () => {
    const topic = topicOf(65_536);
    await sendDeadLetter({ message, reason: "no image" }, "group", topic);
    expect(topic.taken[0]?.headers.map(([name]) => String(name))).not.toContain("dlq-truncated");
    const send = () => Promise.reject(new Error("no broker"));
    await expect(sendDeadLetter({ message, reason: "no image" }, "group", { send })).rejects.toThrow(
      "no broker",
    );
  });
});
