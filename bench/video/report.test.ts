import { describe, expect, it } from "vitest";
import { comparison, mostLines, resultOf, stepLines } from "./report.ts";

const arrival = (camera: string, seq: number, latencyMs: number) => ({ camera, seq, latencyMs, bytes: 1024 });

describe("resultOf", () => {
  it("counts frames, gaps, rates and processor time", () => {
    const frames = [arrival("a", 5, 10), arrival("a", 7, 20), arrival("b", 0, 30), arrival("b", 1, 40)];
    expect(resultOf("x", frames, 2, 8)).toEqual({
      name: "x",
      cameras: 2,
      frames: 4,
      fps: 1,
      leastFps: 1,
      lost: 1,
      meanKB: 1,
      cpuMsPerFrame: 2,
      meanMs: 25,
      p50Ms: 20,
      p99Ms: 40,
    });
  });

  it("says that nothing came in time when nothing came", () => {
    expect(resultOf("x", [], 2, 8)).toMatchObject({ name: "x", frames: 0, p99Ms: Number.POSITIVE_INFINITY });
  });

  it("does not count a frame that came twice as one more", () => {
    expect(resultOf("x", [arrival("a", 1, 1), arrival("a", 1, 1), arrival("a", 2, 1)], 1, 1).lost).toBe(0);
  });
});

describe("comparison", () => {
  it("says how many times as much the other needs, and whether that is the goal", () => {
    const ours = resultOf("ours", [arrival("a", 0, 10)], 1, 1);
    const other = resultOf("other", [arrival("a", 0, 30)], 1, 12);
    expect(comparison([ours, other])).toContain(
      "The usual way takes 12.0 × the processor time a frame, 3.0 × the mean, 3.0 × the median and 3.0 × the p99 of the latency (goal: at least 4 ×) NOT met.",
    );
    expect(comparison([ours])).not.toContain("The usual way takes");
  });
});

describe("mostLines", () => {
  it("takes the last step that was carried, and what a core carries by the time that it took", () => {
    const frames = (cameras: number) =>
      Array.from({ length: cameras }, (_, camera) => arrival(`c${camera}`, 0, 1));
    // Two cameras of one frame a second at 25 ms each are a twentieth of a core.
    const lines = mostLines(
      [resultOf("2", frames(2), 1, 50), resultOf("4", frames(4), 1, 900)],
      ({ cameras }) => cameras < 4,
    );
    expect(lines).toContain("One core carries 2 cameras");
    expect(lines).toContain("takes 0.05 cores: 40 cameras a core (goal: 20) met.");
    expect(mostLines([resultOf("2", frames(2), 1, 50)], () => false)).toContain(
      "0 cameras a core (goal: 20) NOT met",
    );
  });
});

describe("stepLines", () => {
  it("puts the rate that was found beside the highest fixed one that held", () => {
    const at = (count: number) =>
      resultOf(
        "x",
        Array.from({ length: count }, (_, i) => arrival("a", i, 5)),
        1,
        1,
      );
    const lines = stepLines([
      { load: 0, adaptive: at(30), fixed: at(30) },
      { load: 3, adaptive: at(9), fixed: at(12) },
      { load: 7, adaptive: at(2), fixed: undefined },
    ]).split("\n");
    expect(lines[3]).toMatch(/^3 +.*9\.0.*12\.0.*0\.75$/);
    expect(lines[4]).toContain("none");
  });
});
