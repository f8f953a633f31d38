import { describe, expect, it } from "vitest";
import { ratios, resultOf } from "./report.ts";

const arrival = (camera: string, seq: number, latencyMs: number) => ({ camera, seq, latencyMs, bytes: 1024 });

describe("resultOf", () => {
  it("counts frames, gaps, rates and processor time", () => {
    const frames = [arrival("a", 5, 10), arrival("a", 7, 20), arrival("b", 0, 30), arrival("b", 1, 40)];
    expect(resultOf("x", frames, 2, 8)).toEqual({
      name: "x",
      cameras: 2,
      frames: 4,
      fps: 1,
      lost: 1,
      meanKB: 1,
      cpuMsPerFrame: 2,
      meanMs: 25,
      p50Ms: 20,
      p99Ms: 40,
    });
  });

  it("does not count a frame that came twice as one more", () => {
    expect(resultOf("x", [arrival("a", 1, 1), arrival("a", 1, 1), arrival("a", 2, 1)], 1, 1).lost).toBe(0);
  });
});

describe("ratios", () => {
  it("says how many times as much the other needs", () => {
    const ours = resultOf("ours", [arrival("a", 0, 10)], 1, 1);
    const other = resultOf("other", [arrival("a", 0, 30)], 1, 12);
    expect(ratios(ours, other)).toEqual({ cpu: 12, mean: 3, p50: 3, p99: 3 });
  });
});
