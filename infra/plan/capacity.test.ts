import { describe, expect, it } from "vitest";
import { parseConfig } from "../config/config.ts";
import { diskUse, maxImageBytes, plannedTopics, topicBytes, totalBytes } from "./capacity.ts";

const MB = 1024 * 1024;
const topic = {
  name: "t",
  partitions: 6,
  retentionMs: 3_600_000,
  retentionBytes: 256 * MB,
  segmentBytes: 64 * MB,
};

describe("topicBytes", () => {
  it.each([
    ["nothing is known of the flow: the byte limit", Number.POSITIVE_INFINITY, 6 * (256 + 64) * MB],
    ["more flows than the byte limit keeps", 100 * MB, 6 * (256 + 64) * MB],
    ["less flows in the retention time", 1000, 3600 * 1000 + 6 * 64 * MB],
    ["nothing flows: the open segments", 0, 6 * 64 * MB],
  ])("%s", (_, flow, expected) => {
    expect(topicBytes(topic, flow)).toBe(expected);
  });
});

describe("plannedTopics", () => {
  it("has partitions, retention, segments and message limits from the config", () => {
    const raw = {
      "classification.partitions": "12",
      "classification.retentionHours": "2",
      "classification.retentionMB": "128",
      "kafka.segmentMB": "16",
      "kafka.maxMessageKB": "2048",
    };
    const [images] = plannedTopics(parseConfig(raw));
    expect(images).toMatchObject({
      name: "images",
      partitions: 12,
      retentionMs: 7_200_000,
      retentionBytes: 128 * MB,
      segmentBytes: 16 * MB,
    });
  });

  it("keeps every message of an image, its dead letter too, within kafka.maxMessageKB", () => {
    const config = parseConfig({ "kafka.maxMessageKB": "256" });
    expect(maxImageBytes(config)).toBe(128 * 1024);
    const imageTopics = plannedTopics(config).filter(({ name }) => !name.startsWith("image-results"));
    expect(imageTopics.map(({ name }) => name)).toEqual(["images", "images.dlq"]);
    for (const { maxMessageBytes } of imageTopics) expect(maxMessageBytes).toBeLessThanOrEqual(256 * 1024);
  });

  it("is empty without the pipeline", () => {
    expect(plannedTopics(parseConfig({ "classification.enabled": "false" }))).toEqual([]);
  });
});

describe("diskUse", () => {
  it("counts every replica", () => {
    const once = totalBytes(parseConfig({ "kafka.replication": "1", "kafka.minInsync": "1" }));
    expect(totalBytes(parseConfig({}))).toBe(3 * once);
  });

  it("grows with the flow as long as the byte limit is not reached", () => {
    const bytes = (producers: string) => {
      const config = parseConfig({
        producers,
        "classification.rate": "1",
        "classification.retentionHours": "1",
      });
      return diskUse(config).find(({ topic: { name } }) => name === "images")?.bytes ?? 0;
    };
    // One image a second for an hour, 4 KB each, on three brokers.
    expect(bytes("2") - bytes("1")).toBe(3600 * 4096 * 3);
  });
});
