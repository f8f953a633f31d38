import { describe, expect, it } from "vitest";
import { parseConfig, planLab } from "../pipelines/all.ts";
import { maxImageBytes } from "../pipelines/classification/plan.ts";
import { diskBytes, topicBytes, totalBytes } from "./topics.ts";

const MB = 1024 * 1024;
const topic = {
  name: "t",
  key: "none",
  value: "none",
  partitions: 6,
  retentionMs: 3_600_000,
  retentionBytes: 256 * MB,
  segmentBytes: 64 * MB,
  maxMessageBytes: MB,
  replication: 1,
  minInsync: 1,
  retention: { key: "t.retentionMB", MB: 256 },
};
const topicsOf = (raw: Record<string, string>) => planLab(parseConfig(raw)).topics;

describe("topicBytes", () => {
  it.each([
    ["nothing is known of the flow: the byte limit", {}, 6 * (256 + 64) * MB],
    ["more flows than the byte limit keeps", { bytesPerSecond: 100 * MB }, 6 * (256 + 64) * MB],
    ["less flows in the retention time", { bytesPerSecond: 1000 }, 3600 * 1000 + 6 * 64 * MB],
    ["nothing flows: the open segments", { bytesPerSecond: 0 }, 6 * 64 * MB],
  ])("%s", (_, flow, expected) => {
    expect(topicBytes({ ...topic, ...flow })).toBe(expected);
  });
});

describe("the planned topics", () => {
  it("have partitions, retention, segments and message limits from the config", () => {
    const [images] = topicsOf({
      "classification.partitions": "12",
      "classification.retentionHours": "2",
      "classification.retentionMB": "128",
      "kafka.segmentMB": "16",
      "kafka.maxMessageKB": "2048",
    });
    expect(images).toMatchObject({
      name: "images",
      partitions: 12,
      retentionMs: 7_200_000,
      retentionBytes: 128 * MB,
      segmentBytes: 16 * MB,
    });
  });

  it("keep every message, its dead letter too, within kafka.maxMessageKB", () => {
    const config = parseConfig({ "kafka.maxMessageKB": "256" });
    expect(maxImageBytes(config)).toBe(128 * 1024);
    const { topics } = planLab(config);
    expect(topics.map(({ name }) => name)).toEqual([
      "images",
      "image-results",
      "images.dlq",
      "image-results.dlq",
    ]);
    for (const { maxMessageBytes } of topics) expect(maxMessageBytes).toBeLessThanOrEqual(256 * 1024);
  });

  it("are none without a pipeline", () => {
    expect(topicsOf({ "classification.enabled": "false" })).toEqual([]);
  });
});

describe("what topics take on disks", () => {
  it("counts every replica", () => {
    const once = totalBytes(topicsOf({ "kafka.replication": "1", "kafka.minInsync": "1" }));
    expect(totalBytes(topicsOf({}))).toBe(3 * once);
  });

  it("grows with the flow as long as the byte limit is not reached", () => {
    const bytes = (producers: string) => {
      const raw = { producers, "classification.rate": "1", "classification.retentionHours": "1" };
      const images = topicsOf(raw).find(({ name }) => name === "images");
      return images === undefined ? Number.NaN : diskBytes(images);
    };
    // One image a second for an hour, 4 KB each, on three brokers.
    expect(bytes("2") - bytes("1")).toBe(3600 * 4096 * 3);
  });
});
