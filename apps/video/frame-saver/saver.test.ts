import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createMetrics } from "../../common/metrics.ts";
import { drawJpeg, makeFrame, noonUs } from "../files/testing/frames.ts";
import { fsyncPolicies } from "./env.ts";
import { FrameSaver, framePath, savedFile } from "./saver.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "saver-"));
});
afterEach(() => rm(root, { recursive: true }));

const signal = new AbortController().signal;

function openSaver(fsync: (typeof fsyncPolicies)[number] = "batch") {
  const metrics = createMetrics("test");
  const trips: string[] = [];
  let kept = 0;
  const saver = new FrameSaver({
    root,
    fsync,
    metrics,
    guard: { ready: async () => undefined, trip: (reason) => trips.push(reason) },
    retention: {
      added: (bytes) => {
        kept += bytes;
      },
    },
  });
  return { saver, metrics, trips, kept: () => kept };
}

describe("framePath", () => {
  it("has the camera, the day, the time of capture in UTC and the number", () => {
    const frame = {
      camera: "LabTappoCam1",
      capturedUs: Date.UTC(2026, 0, 2, 3, 4, 5, 67) * 1000 + 999,
      seq: 12,
    };
    expect(framePath(frame)).toBe("LabTappoCam1/2026-01-02/03-04-05.067-12.jpg");
    expect("03-04-05.067-12.jpg").toMatch(savedFile);
  });
});

describe("FrameSaver", () => {
  it.each(fsyncPolicies)("writes each frame as it came, with nothing left over, fsync %s", async (fsync) => {
    const { saver, kept } = openSaver(fsync);
    const jpegs = await Promise.all([0, 1, 2].map((number) => drawJpeg(number)));
    const frames = jpegs.map((jpeg, seq) => makeFrame(seq, noonUs + seq * 33_333, { jpeg }));
    await saver.save(frames, signal);
    const names = ["12-00-00.000-0.jpg", "12-00-00.033-1.jpg", "12-00-00.066-2.jpg"];
    expect((await readdir(join(root, "Gate/2026-03-01"))).sort()).toEqual(names);
    const saved = await Promise.all(names.map((name) => readFile(join(root, "Gate/2026-03-01", name))));
    expect(saved).toEqual(jpegs);
    expect(kept()).toBe(jpegs.reduce((sum, { length }) => sum + length, 0));
  });

  it("does nothing about a frame that is there, and replaces one that is not whole", async () => {
    const { saver, metrics } = openSaver();
    const frames = [0, 1].map((seq) => makeFrame(seq, noonUs + seq * 1000));
    await saver.save(frames, signal);
    await writeFile(join(root, framePath(makeFrame(1, noonUs + 1000))), "cut");
    await saver.save([...frames, ...frames], signal);
    const text = await metrics.registry.metrics();
    expect(text).toMatch(/frame_saver_frames_total\S* 3/);
    expect(text).toMatch(/frame_saver_duplicates_total\S* 1/);
    expect(await readFile(join(root, framePath(makeFrame(1, noonUs + 1000))))).toEqual(frames[1]?.jpeg);
  });

  it("makes a folder anew that retention has deleted", async () => {
    const { saver } = openSaver();
    await saver.save([makeFrame(0, noonUs)], signal);
    await rm(join(root, "Gate"), { recursive: true });
    await expect(saver.save([makeFrame(1, noonUs)], signal)).rejects.toThrow("ENOENT");
    await saver.save([makeFrame(1, noonUs)], signal);
    expect(await readdir(join(root, "Gate/2026-03-01"))).toHaveLength(1);
  });

  it("fails, and leaves no half of a file, when a frame cannot be written", async () => {
    const { saver, trips } = openSaver();
    await mkdir(join(root, framePath(makeFrame(0, noonUs))), { recursive: true });
    await expect(saver.save([makeFrame(0, noonUs)], signal)).rejects.toThrow("EISDIR");
    expect(await readdir(join(root, "Gate/2026-03-01"))).toEqual(["12-00-00.000-0.jpg"]);
    expect(trips).toEqual([]);
  });
});
