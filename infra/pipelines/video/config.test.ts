import { describe, expect, it } from "vitest";
import { ConfigError } from "../../config/config.ts";
import { parseConfig, planLab } from "../all.ts";
import { plannedCameras } from "./cameras.ts";

function problems(raw: Record<string, string>): string {
  try {
    parseConfig({ "video.enabled": "true", ...raw });
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("this config has nothing wrong with it");
}

const camera = (more: object) =>
  JSON.stringify([{ name: "gate", url: "http://10.0.0.7:9085/", topic: "gate", ...more }]);

describe("video.cameras", () => {
  it("is read from YAML, with the defaults of the pipeline", () => {
    const text = "- name: gate\n  url: http://10.0.0.7:9085/\n  topic: FrontGATE1\n  format: json\n";
    const config = parseConfig({ "video.enabled": "true", "video.cameras": text });
    expect(plannedCameras(config.video)).toEqual([
      {
        name: "gate",
        url: "http://10.0.0.7:9085/",
        topic: "FrontGATE1",
        format: "json",
        fps: 30,
        maxFrameKB: 100,
      },
    ]);
    const topic = planLab(config).topics.find(({ name }) => name === "FrontGATE1");
    expect(topic).toMatchObject({ partitions: 3, pipeline: "video" });
    expect(topic?.value).toMatch(/JSON/);
  });

  it.each([
    [camera({ url: "10.0.0.7" }), "[0].url (gate): must be test, or an address"],
    [camera({ url: "http://me:secret@10.0.0.7/" }), "[0].url (gate): must have no password in it"],
    [camera({ name: "front gate" }), "[0].name (front gate): must be letters, digits"],
    [camera({ speed: 3 }), "has unknown fields: speed"],
    ["- name: [", "is not valid YAML"],
    ["gate", "must be a list"],
    ["[{name: gate, url: test}]", "[0].topic (gate): is missing"],
    [camera({ url: 5 }), "[0].url (gate): must be text"],
  ])("says what is wrong with %s, and how to do without", (text, reason) => {
    const message = problems({ "video.cameras": text });
    expect(message).toContain(reason);
    expect(message).toContain("config rm video.cameras");
  });

  it("refuses two cameras of one name, two formats on one topic and consumers of topics that nobody sends to", () => {
    const two = (a: object, b: object) =>
      JSON.stringify([...JSON.parse(camera(a)), ...JSON.parse(camera(b))]);
    expect(problems({ "video.cameras": two({}, { topic: "b" }) })).toContain("gate is there twice");
    expect(problems({ "video.cameras": two({}, { name: "b", format: "json" }) })).toContain(
      "cameras of different formats on one topic: gate",
    );
    const consumers = JSON.stringify([{ name: "saver", topic: "gates", kind: "frames" }]);
    expect(problems({ "video.cameras": camera({}), "video.consumers": consumers })).toContain(
      "saver reads gates; the cameras send to gate",
    );
  });
});

describe("the sizes of the video pipeline", () => {
  it("names the message limit that the largest frame needs", () => {
    const message = problems({ "video.cameras": camera({ format: "json", maxFrameKB: 4096 }) });
    // 4096 KB in Base64, with 64 KB for headers and 64 KB for what a dead letter adds.
    expect(message).toContain("kafka.maxMessageKB is 1024: it must be at least 5590");
    expect(message).toContain("config set kafka.maxMessageKB 5590");
  });

  it("takes frames up to Kafka's 100 MB when all limits are set for them", () => {
    const config = parseConfig({
      "video.enabled": "true",
      "video.cameras": camera({ maxFrameKB: 98_304, fps: 0.1 }),
      "kafka.maxMessageKB": "102400",
      "kafka.segmentMB": "1024",
      "kafka.heapMB": "1024",
      "kafka.memoryMB": "2048",
      "classification.enabled": "false",
      "disk.budgetGB": "100",
      "video.retentionMB": "1024",
    });
    expect(planLab(config).topics[0]?.maxMessageBytes).toBe(98_304 * 1024 + 65_536);
  });

  it("counts every way of a frame over the network, and refuses what the network cannot carry", () => {
    const cameras = JSON.stringify(
      Array.from({ length: 20 }, (_, i) => ({ name: `c${i}`, url: "http://10.0.0.7/", topic: "all" })),
    );
    const consumers = JSON.stringify([{ name: "saver", topic: "all", kind: "frames" }]);
    const raw = { "video.cameras": cameras, "video.consumers": consumers, "disk.budgetGB": "1000" };
    const message = problems(raw);
    expect(message).toContain("network.capacityMbps is 1000: it must be at least");
    expect(message).toContain("c0 30/s × 100 KB");
    const config = parseConfig({
      "video.enabled": "true",
      "classification.enabled": "false",
      ...raw,
      "network.capacityMbps": "10000",
    });
    const { sent, total } = planLab(config).network;
    expect(sent).toBe(20 * 30 * (100 * 1024 + 65_536));
    expect(total).toBe(sent * 5);
  });

  it("refuses retention that does not fit the disk, with the cameras' numbers", () => {
    const message = problems({ "video.retentionMB": "100000", "video.retentionHours": "1000" });
    expect(message).toContain("video.retentionMB is 100000");
    expect(message).toContain("camera 30/s × 100 KB; kept for 1000 h");
    expect(message).toMatch(/grow to [\d.]+ GB in all, more than disk\.budgetGB, which is 30/);
  });
});
