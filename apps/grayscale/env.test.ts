import { describe, expect, it } from "vitest";
import { processorEnv } from "./processor/env.ts";
import { writerEnv } from "./writer/env.ts";

const kafka = { KAFKA_BOOTSTRAP_SERVERS: "k:9092" };

describe("processorEnv", () => {
  it("needs only the brokers: group video-group, grayscale, Kafka's own times", () => {
    expect(processorEnv.parse(kafka)).toMatchObject({
      KAFKA_CONSUMER_GROUP_ID: "video-group",
      STEP: "grayscale",
      KAFKA_TOPIC_NAME: "video-frames",
      KAFKA_OUTPUT_TOPIC_NAME: "processed-frames",
      KAFKA_SESSION_TIMEOUT_MS: 45_000,
    });
  });

  it("refuses a step that is not listed, and says which are", () => {
    expect(() => processorEnv.parse({ ...kafka, STEP: "sepia" })).toThrow(/one of grayscale, edges/);
  });
});

describe("writerEnv", () => {
  it("needs only the brokers", () => {
    expect(writerEnv.parse(kafka)).toMatchObject({ OUTPUT_DIR: "/output", OUTPUT_NAME: "output_video.avi" });
  });

  it.each(["../x.avi", "video.mp4", "a/b.avi", ".avi"])("refuses the name %s", (OUTPUT_NAME) => {
    expect(() => writerEnv.parse({ ...kafka, OUTPUT_NAME })).toThrow(/OUTPUT_NAME/);
  });
});
