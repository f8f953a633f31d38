import { describe, expect, it } from "vitest";
import { deadLetterTopic, defineTopic, topicSettings } from "./topics.ts";

const topic = defineTopic({
  name: "frames",
  key: "camera",
  value: "JPEG",
  partitions: 3,
  retentionMs: 1000,
  retentionBytes: 4_000_000,
  segmentBytes: 2_000_000,
  maxMessageBytes: 1_000_000,
});

describe("defineTopic", () => {
  it("reports all that is wrong with a topic", () => {
    const bad = { ...topic, name: "a b", partitions: 0, segmentBytes: 3_000_000 };
    expect(() => defineTopic(bad)).toThrow(
      /"a b": its name may .*; it needs at least one partition; retentionBytes/,
    );
  });

  it("refuses a message that cannot fit into a segment", () => {
    expect(() => defineTopic({ ...topic, maxMessageBytes: 2_000_001 })).toThrow("fit into a segment");
  });
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
    expect(topicSettings(topic)).toMatchObject({ "retention.bytes": "4000000", "segment.bytes": "2000000" });
  });
});
