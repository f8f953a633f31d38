import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createMetrics } from "../../common/metrics.ts";
import type { Frame, VideoMessage } from "../../media/frame.ts";
import type { Codec, Container } from "../../media/recording.ts";
import { film, noonUs } from "../files/testing/frames.ts";
import type { Recorder } from "./recorder.ts";
import type { RecorderSettings } from "./settings.ts";
import { grayAt, openRecorder, probe } from "./testing/recordings.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "recorder-"));
});
afterEach(() => rm(root, { recursive: true }));

/** Recorders that are never closed, as if they had been killed; collecting them would close their files. */
const killed: Recorder[] = [];
const signal = new AbortController().signal;
const message = (frame: Frame): VideoMessage => ({ kind: "frame", ...frame });
const single: RecorderSettings = {
  video: { fps: 10, codec: "xvid", container: "avi", quality: "high" },
  maxSlots: Number.POSITIVE_INFINITY,
  maxBytes: Number.POSITIVE_INFINITY,
  maxGapUs: 60e6,
  chunkSlots: 20,
};
const segments = (codec: Codec, container: Container): RecorderSettings => ({
  ...single,
  video: { fps: 30, codec, container, quality: "high" },
  maxSlots: 60,
  chunkSlots: 40,
});

/** Files that are there for people. */
async function recordings(): Promise<string[]> {
  const names = await readdir(root, { recursive: true });
  return names.filter((name) => /\.\w+$/.test(name) && !name.startsWith(".work")).sort();
}

/** Records messages in batches, as they come from a topic. */
async function record(settings: RecorderSettings, messages: readonly VideoMessage[], batch = 7) {
  const recorder = openRecorder(root, settings);
  await recorder.recover();
  for (let at = 0; at < messages.length; at += batch) {
    await recorder.record(messages.slice(at, at + batch), signal);
  }
  await recorder.close();
}

describe("a damaged journal", () => {
  it("is kept, with every frame that it has, and the recording goes on", async () => {
    const frames = (await film(12, 30)).map(message);
    const first = openRecorder(root, single);
    killed.push(first);
    await first.record(frames.slice(0, 6), signal);
    const path = join(root, ".work/Gate/1/0000000000.journal");
    const bytes = await readFile(path);
    bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20);
    await writeFile(path, bytes);

    const second = openRecorder(root, single);
    await second.recover();
    await second.record(frames.slice(6), signal);
    expect(await readFile(join(root, ".work/Gate/bad-1-0.journal"))).toEqual(bytes);
    await second.close();
    expect(await recordings()).toHaveLength(1);
  });
});

describe("Recorder", { timeout: 60_000 }, () => {
  it("makes one AVI in XVID at 10 frames a second of 30, as long as what was filmed", async () => {
    await record(single, (await film(180, 30)).map(message));
    expect(await recordings()).toContain("Gate/2026-03-01/12-00-00.avi");
    const video = await probe(join(root, "Gate/2026-03-01/12-00-00.avi"));
    expect(video).toMatchObject({ codec: "mpeg4", tag: "XVID", rate: "10/1", frames: 60, width: 320 });
    expect(video.seconds).toBeCloseTo(6, 3);
  });

  it.each([
    ["mjpeg", "avi", "mjpeg"],
    ["mjpeg", "mkv", "mjpeg"],
    ["h264", "mp4", "h264"],
    ["h264", "mkv", "h264"],
    ["xvid", "mkv", "mpeg4"],
  ] as const)(
    "makes segments of %s in %s that follow one another without a gap",
    async (codec, container, name) => {
      await record(segments(codec, container), (await film(150, 30)).map(message));
      const files = ["12-00-00", "12-00-02", "12-00-04"].map(
        (time) => `Gate/2026-03-01/${time}.${container}`,
      );
      expect(await recordings()).toEqual(files);
      const videos = await Promise.all(files.map((file) => probe(join(root, file))));
      expect(videos.map(({ frames }) => frames)).toEqual([60, 60, 30]);
      for (const video of videos) {
        expect(video).toMatchObject({ codec: name, rate: "30/1" });
        expect(video.seconds).toBeCloseTo(video.frames / 30, 1);
      }
    },
  );

  it("shows every frame when it was filmed, also across the joints of its chunks", async () => {
    const frames = await film(150, 30);
    await record({ ...segments("mjpeg", "avi"), maxSlots: 1000 }, frames.map(message));
    const grays = await grayAt(join(root, "Gate/2026-03-01/12-00-00.avi"));
    expect(grays).toHaveLength(150);
    const wrong = grays.filter((gray, at) => Math.abs(gray - (60 + ((at % 32) % 8) * 25)) > 3);
    expect(wrong).toEqual([]);
  });

  it("fills pauses, so that the recording lasts as long; too long a one begins a new file", async () => {
    const frames = await film(40, 10);
    const after = (from: number, pauseUs: number) => (frame: Frame) =>
      frame.seq < from ? frame : { ...frame, capturedUs: frame.capturedUs + pauseUs };
    const paused = frames.map(after(10, 5e6)).map(after(30, 100e6));
    await record(single, paused.map(message));
    expect(await recordings()).toEqual(["Gate/2026-03-01/12-00-00.avi", "Gate/2026-03-01/12-01-48.avi"]);
    expect((await probe(join(root, "Gate/2026-03-01/12-00-00.avi"))).frames).toBe(80);
    expect((await probe(join(root, "Gate/2026-03-01/12-01-48.avi"))).frames).toBe(10);
  });

  it("records what comes again once, with a restart between, and goes on with the same file", async () => {
    const frames = (await film(100, 10)).map(message);
    const first = openRecorder(root, single);
    killed.push(first);
    await first.record(frames.slice(0, 55), signal);
    await first.idle();
    await record(single, [...frames.slice(30), ...frames.slice(60)]);
    expect(await recordings()).toEqual(["Gate/2026-03-01/12-00-00.avi"]);
    expect((await probe(join(root, "Gate/2026-03-01/12-00-00.avi"))).frames).toBe(100);
    expect(await readdir(join(root, ".work/Gate"))).toEqual(["camera.json"]);
  });

  it("goes on where it was when it was killed while it began a chunk", async () => {
    const frames = (await film(30, 10)).map(message);
    const first = openRecorder(root, single);
    killed.push(first);
    await first.record(frames.slice(0, 15), signal);
    await writeFile(join(root, ".work/Gate/1/0000000015.journal"), Buffer.alloc(20));
    await record(single, frames);
    expect(await recordings()).toEqual(["Gate/2026-03-01/12-00-00.avi"]);
    expect((await probe(join(root, "Gate/2026-03-01/12-00-00.avi"))).frames).toBe(30);
  });

  it("takes no frames once it is closed, so that none is committed that is in no recording", async () => {
    const [frame] = (await film(1, 10)).map(message);
    const recorder = openRecorder(root, single);
    await recorder.close();
    await expect(recorder.record(frame === undefined ? [] : [frame], signal)).rejects.toThrow("ending");
    expect(await readdir(root)).toEqual([]);
  });

  it("finishes the file at the end of the stream, and begins another one for the next run", async () => {
    const run = (await film(20, 10)).map(message);
    const end: VideoMessage = { kind: "end", camera: "Gate", run: "r1", frames: 20 };
    const later = noonUs + 3e6;
    const next = (await film(10, 10, { run: "r2" })).map((frame) =>
      message({ ...frame, capturedUs: frame.capturedUs - noonUs + later }),
    );
    await record(single, [...run, end, ...next, end]);
    const files = ["12-00-00", "12-00-03"].map((time) => `Gate/2026-03-01/${time}.avi`);
    expect(await recordings()).toEqual(files);
    expect(await Promise.all(files.map(async (file) => (await probe(join(root, file))).frames))).toEqual([
      20, 10,
    ]);
  });

  it("begins a new file when the size of the pictures changes, and when the clock was set back", async () => {
    const large = await film(10, 10);
    const small = (await film(10, 10, { width: 160, height: 120, run: "r2" })).map((frame) => ({
      ...frame,
      capturedUs: frame.capturedUs + 1e6,
    }));
    const back = (await film(10, 10, { width: 160, height: 120, run: "r3" })).map((frame) => ({
      ...frame,
      capturedUs: frame.capturedUs - 60e6,
    }));
    await record(single, [...large, ...small, ...back].map(message));
    expect(await recordings()).toEqual([
      "Gate/2026-03-01/11-59-00.avi",
      "Gate/2026-03-01/12-00-00.avi",
      "Gate/2026-03-01/12-00-01.avi",
    ]);
  });

  it("keeps segments below their size", async () => {
    const frames = await film(120, 30);
    const bytes = frames.reduce((sum, { jpeg }) => sum + jpeg.length, 0);
    const maxBytes = bytes / 2.5;
    const settings = { ...segments("mjpeg", "avi"), maxSlots: 1e6, maxBytes, chunkSlots: 15 };
    await record(settings, frames.map(message), 1);
    const videos = await Promise.all((await recordings()).map((file) => probe(join(root, file))));
    expect(videos.length).toBeGreaterThan(2);
    // A little is added to the pictures by the container.
    for (const { bytes: size } of videos) expect(size).toBeLessThan(maxBytes * 1.1 + 10_000);
    expect(videos.reduce((sum, video) => sum + video.frames, 0)).toBe(120);
  });

  it("sets a chunk aside that FFmpeg cannot read, and goes on", { timeout: 90_000 }, async () => {
    const metrics = createMetrics("test");
    const garbage = Buffer.concat([
      Buffer.from([0xff, 0xd8]),
      Buffer.alloc(500, 9),
      Buffer.from([0xff, 0xd9]),
    ]);
    const frames = (await film(60, 10)).map((frame) =>
      frame.seq >= 20 && frame.seq < 40 ? { ...frame, jpeg: garbage } : frame,
    );
    const recorder = openRecorder(root, single, metrics);
    await recorder.record(frames.map(message), signal);
    await recorder.idle();
    await recorder.close();
    const video = await probe(join(root, "Gate/2026-03-01/12-00-00.avi"));
    expect(video.seconds).toBeCloseTo(6, 1);
    expect(await metrics.registry.metrics()).toMatch(/^recorder_set_aside_total\S* 1$/m);
    expect(await readdir(join(root, ".work/Gate"))).toEqual(["bad-1-20.journal", "camera.json"]);
  });
});
