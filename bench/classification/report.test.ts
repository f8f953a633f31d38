import { describe, expect, it } from "vitest";
import { appMs, partOf } from "../common/split.ts";
import { mostLine, ratioLine, report, summarise, type Window } from "./report.ts";

const window = (system: string, latencies: number[], split: [string, number][]): Window => ({
  system,
  rate: 10,
  round: 1,
  seconds: 10,
  fates: latencies.map((latencyMs, i) => ({ dueUs: i, latencyMs })),
  split: new Map(split),
});

describe("summarise", () => {
  it("puts the windows of a system together", () => {
    const windows = [
      window(
        "edgelab",
        [1, 2],
        [
          ["brokers", 8],
          ["producer: main thread", 4],
        ],
      ),
      window(
        "edgelab",
        [3, Number.POSITIVE_INFINITY],
        [
          ["brokers", 8],
          ["other: video producer", 100],
        ],
      ),
    ];
    expect(summarise(windows)).toEqual([
      {
        system: "edgelab",
        rate: 10,
        images: 4,
        lost: 1,
        p50: 2,
        p95: Number.POSITIVE_INFINITY,
        p99: Number.POSITIVE_INFINITY,
        parts: new Map([
          ["brokers", 4],
          ["producer: main thread", 1],
          ["other: video producer", 25],
        ]),
        perImage: 1,
      },
    ]);
  });
});

describe("report", () => {
  it("sets each ratio beside its goal", () => {
    const text = report(
      summarise([
        window("edgelab", [4, 4], [["producer: main thread", 2]]),
        window("Python, confluent-kafka", [5, 10], [["producer: main thread", 8]]),
      ]),
      4,
    );
    expect(text).toContain("4 × 10/s, p50: 0.80 (goal: at most 0.5) NOT met");
    expect(text).toContain("4 × 10/s, p99: 0.40 (goal: at most 0.5) met");
    expect(text).toContain("4 × 10/s, processor time an image: 0.25 (goal: at most 0.5) met");
  });
});

it("says whether a goal is met, its bound included", () => {
  expect(ratioLine("x", 0.5, 0.5)).toContain("met");
  expect(ratioLine("x", 0.51, 0.5)).toContain("NOT met");
  expect(mostLine(400, 200)).toMatch(/2\.00 × .* met$/);
  expect(mostLine(300, 200)).toMatch(/1\.50 × .* NOT met$/);
});

describe("appMs", () => {
  it("leaves out brokers and other pipelines", () => {
    const split = new Map([
      ["brokers", 5],
      ["other: video camera", 7],
      ["databases", 1],
      ["Docker's engine", 2],
    ]);
    expect(appMs(split)).toBe(3);
  });
});

it("tells what a thread does by its name", () => {
  const names = ["rdk:broker1", "MainThread", "python3", "V8Worker", "libuv-worker", "onnx"];
  expect(names.map(partOf)).toEqual([
    "Kafka client",
    "main thread",
    "main thread",
    "V8's threads",
    "thread pool",
    "other threads",
  ]);
});
