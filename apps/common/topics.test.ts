import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  deadLetterTopic,
  leastRetentionBytes,
  segmentBytes,
  topicNamePattern,
  topicSettings,
} from "./topics.ts";

const topic = {
  name: "frames",
  key: "camera",
  value: "JPEG",
  partitions: 3,
  retentionMs: 1000,
  retentionBytes: 8_000_000,
  maxMessageBytes: 500_000,
};

describe("segmentBytes", () => {
  it("is a quarter of what is kept, within the brokers' limit, and never less than two messages", () => {
    expect(segmentBytes(topic)).toBe(2_000_000);
    expect(segmentBytes(topic, 1_500_000)).toBe(1_500_000);
    expect(segmentBytes(topic, 100)).toBe(1_000_000);
  });

  it("fits twice into whatever is at least the least retention", () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.nat(1e8), (more, maxMessageBytes) => {
        const retentionBytes = leastRetentionBytes({ maxMessageBytes }) + more;
        const segment = segmentBytes({ ...topic, retentionBytes, maxMessageBytes });
        expect(segment * 2).toBeLessThanOrEqual(retentionBytes);
        expect(maxMessageBytes).toBeLessThanOrEqual(segment);
      }),
    );
  });
});

describe("topicNamePattern", () => {
  it.each(["a", "a.b_c-D9", "...", "x".repeat(245)])("takes %j", (name) =>
    expect(topicNamePattern.test(name)).toBe(true),
  );
  it.each(["", ".", "..", "a b", "ä", "x".repeat(246)])("refuses %j", (name) =>
    expect(topicNamePattern.test(name)).toBe(false),
  );
});

describe("deadLetterTopic", () => {
  it("has room for the largest message of its topic plus the headers that say why it is there", () => {
    const dead = deadLetterTopic(topic);
    expect(dead.name).toBe("frames.dlq");
    expect(dead.maxMessageBytes).toBeGreaterThan(topic.maxMessageBytes);
  });
});

describe("topicSettings", () => {
  it("gives byte limits of segments and partitions together", () => {
    expect(topicSettings(topic)).toMatchObject({ "retention.bytes": "8000000", "segment.bytes": "2000000" });
    expect(topicSettings(topic, 1234)).toMatchObject({ "segment.bytes": "1234" });
  });
});
