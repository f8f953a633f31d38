import { describe, expect, it } from "vitest";
import { EnvError } from "../../common/env.ts";
import { type CameraSpec, camerasSpec, isLive, maxFrameBytes } from "./cameras.ts";
import { videoProducerEnv } from "./env.ts";

const camera = {
  name: "gate",
  topic: "FrontGATE1",
  format: "json" as const,
  source: { type: "mjpeg" as const, url: "http://camera:9085/" },
};
const folder = { type: "folder" as const, path: "/data", fps: 30, loop: true };

function problemsOf(cameras: unknown): string {
  const environment = {
    KAFKA_BOOTSTRAP_SERVERS: "a:9092",
    PRODUCER_NAME: "p",
    CAMERAS: JSON.stringify(cameras),
  };
  try {
    videoProducerEnv.parse(environment);
  } catch (error) {
    if (error instanceof EnvError) return error.message;
    throw error;
  }
  return "";
}

describe("CAMERAS", () => {
  it("needs name, topic, format and source; the rest has the defaults of the lab", () => {
    expect(camerasSpec.parse([camera])).toEqual([{ ...camera, keyedBy: "camera", fps: 30, maxFrameKB: 100 }]);
  });

  it("is read from the environment that the infrastructure writes", () => {
    const written = videoProducerEnv.format({
      KAFKA_BOOTSTRAP_SERVERS: ["a:9092"],
      PRODUCER_NAME: "video-producer-1",
      CAMERAS: [camera, { ...camera, name: "file", fps: 15, keyedBy: "frame", source: folder }],
    });
    expect(videoProducerEnv.parse(written)).toMatchObject({
      STALL_TIMEOUT_MS: 5000,
      MAX_BUFFERED_FRAMES: 60,
      METRICS_EVERY_MS: 10_000,
      MAX_REQUEST_BYTES: undefined,
      CAMERAS: [
        { name: "gate", fps: 30 },
        { name: "file", fps: 15, keyedBy: "frame", source: folder },
      ],
    });
  });

  it("tells all problems at once, duplicate names among them", () => {
    const wrong = [
      camera,
      { ...camera, name: "a b", fps: 0 },
      { ...camera, format: "png" },
      { ...camera, name: "x", source: { type: "tape" } },
      { ...camera, name: "y", colour: "red" },
    ];
    const problems = problemsOf(wrong);
    for (const part of [
      "[1].name (a b): must be letters",
      "[1].fps (a b): must be at least 0.1",
      "[2].name (gate): is the name of camera [0] already",
      "[2].format (gate)",
      "[3].source.type (x)",
      "[4] (y)",
    ]) {
      expect(problems).toContain(part);
    }
  });

  it.each([
    [[], /must have at least one camera/],
    [{}, /must be a list/],
    [[null, camera], /\[0\]/],
    [[{ ...camera, topic: "a/b" }], /must be the name of a Kafka topic/],
    [[{ ...camera, maxFrameKB: 100_000 }], /at most 98304/],
  ])("refuses %j", (cameras, problem) => {
    expect(problemsOf(cameras)).toMatch(problem);
  });
});

describe("isLive", () => {
  const [live, file] = camerasSpec.parse([camera, { ...camera, name: "b", source: folder }]) as [
    CameraSpec,
    CameraSpec,
  ];

  it("tells cameras from files", () => {
    expect([isLive(live), isLive(file)]).toEqual([true, false]);
  });

  it("has limits in KB of 1024 bytes", () => {
    expect(maxFrameBytes(live)).toBe(102_400);
  });
});
