import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { createMetrics } from "../../common/metrics.ts";
import { findEncoder } from "../../media/ffmpeg.ts";
import type { ProcessedMessage } from "../contract.ts";
import { grayscale } from "../steps/grayscale.ts";
import { colourFrame, type TestVideo } from "../testing/frames.ts";
import { planes, probe } from "../testing/probe.ts";
import { outputFile, VideoWriter } from "./writer.ts";

const video = { camera: "file", run: "1", frames: 45, rate: "30000/1001", width: 162, height: 122 };
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "writer-test-"));
  cleanups.push(() => rm(path, { recursive: true }));
  return path;
}

async function writer(
  outputDir: string,
  overrides: { stallMs?: number; keepMs?: number; encoder?: string } = {},
) {
  const abort = new AbortController();
  const problems: (string | undefined)[] = [];
  const made = new VideoWriter({
    outputDir,
    outputName: "output_video.avi",
    workDir: join(outputDir, ".work"),
    encoder: overrides.encoder ?? (await findEncoder("xvid")),
    defaultFps: 30,
    stallMs: overrides.stallMs ?? 60_000,
    keepMs: overrides.keepMs ?? 60_000,
    guard: { ready: async () => {}, trip: () => {} },
    log: pino({ level: "silent" }),
    metrics: createMetrics("test"),
    onState: (problem) => problems.push(problem),
    signal: abort.signal,
  });
  await made.recover();
  return { writer: made, abort, problems, signal: abort.signal };
}

/** Processed frames in a mixed order, with the end of the stream among the first. */
async function processed(of: TestVideo = video, step = "grayscale"): Promise<ProcessedMessage[]> {
  const frames: ProcessedMessage[] = [];
  for (let seq = 0; seq < of.frames; seq += 1) {
    const frame = await colourFrame(of, seq);
    const jpeg = await grayscale.process(frame.jpeg, { signal: new AbortController().signal });
    frames.push({ ...frame, kind: "frame", step, jpeg });
  }
  const { camera, run, rate } = of;
  const mixed = frames.toSorted((a, b) => order(a) - order(b));
  return [
    ...mixed.slice(0, 3),
    { kind: "end", step, camera, run, rate, frames: of.frames },
    ...mixed.slice(3),
  ];
}

const order = (message: ProcessedMessage) => (message.kind === "end" ? 0 : (message.seq * 17) % 45);
const seqOf = (message: ProcessedMessage) => (message.kind === "end" ? -1 : message.seq);

function lost(message: ProcessedMessage): ProcessedMessage {
  if (message.kind === "end") throw new Error("the end cannot be lost");
  const { camera, run, seq, step } = message;
  return { kind: "lost", camera, run, seq, step, rate: video.rate, reason: "test" };
}

describe("VideoWriter", () => {
  it("makes a gray video of the same length, rate and number of frames, in order, from frames in any order and twice", async () => {
    const output = await folder();
    const { writer: made, signal } = await writer(output);
    const messages = await processed();
    await made.write(messages.slice(0, 20), signal);
    await made.write(messages.slice(10), signal);
    await made.idle();
    const path = join(output, "output_video.avi");
    expect(await probe(path)).toMatchObject({
      codec: "mpeg4",
      tag: "XVID",
      width: 162,
      height: 122,
      rate: "30000/1001",
      frames: 45,
    });
    expect((await probe(path)).duration).toBeCloseTo((45 * 1001) / 30_000, 2);
    const { u, v, luma } = await planes(path);
    expect([u, v]).toEqual([
      [128, 128],
      [128, 128],
    ]);
    // The frames grow brighter from one to the next.
    for (let seq = 5; seq < luma.length; seq += 5)
      expect(luma[seq]).toBeGreaterThan(luma[seq - 5] ?? Number.NaN);
    const [work = ""] = await readdir(join(output, ".work"));
    expect(await readdir(join(output, ".work", work))).toEqual(["done"]);
  });

  it("repeats the frame before a lost one, at the beginning the one after", async () => {
    const output = await folder();
    const { writer: made, signal } = await writer(output);
    const gone = new Set([0, 1, 20, 44]);
    const messages = (await processed()).map((message) =>
      gone.has(seqOf(message)) ? lost(message) : message,
    );
    await made.write(messages, signal);
    await made.idle();
    const path = join(output, "output_video.avi");
    expect((await probe(path)).frames).toBe(45);
    const { luma } = await planes(path);
    expect(Math.abs((luma[0] ?? 0) - (luma[2] ?? 255))).toBeLessThan(1);
    expect(Math.abs((luma[19] ?? 0) - (luma[20] ?? 255))).toBeLessThan(1);
  });

  it("goes on where a former writer stopped, and makes what was complete", async () => {
    const output = await folder();
    const messages = await processed();
    const first = await writer(output);
    await first.writer.write(messages.slice(0, 30), first.signal);
    const second = await writer(output);
    await second.writer.write(messages.slice(30), second.signal);
    second.abort.abort(new Error("killed"));
    await second.writer.idle();
    expect(existsSync(join(output, "output_video.avi"))).toBe(false);
    const third = await writer(output);
    await third.writer.idle();
    expect((await probe(join(output, "output_video.avi"))).frames).toBe(45);
    expect((await readdir(output)).toSorted()).toEqual([".work", "output_video.avi"]);
  });

  it("replaces the video by that of the next run, and names that of another step after it", async () => {
    const output = await folder();
    const { writer: made, signal } = await writer(output);
    await made.write(await processed(), signal);
    await made.write(await processed({ ...video, run: "2", frames: 10 }), signal);
    await made.write(await processed({ ...video, run: "2", frames: 12 }, "edges"), signal);
    await made.idle();
    expect((await probe(join(output, "output_video.avi"))).frames).toBe(10);
    expect((await probe(join(output, "output_video-edges.avi"))).frames).toBe(12);
  });

  it("fills in for frames that never come, and makes the video anew when they do", async () => {
    const output = await folder();
    const { writer: made, signal } = await writer(output, { stallMs: 0 });
    const messages = await processed({ ...video, frames: 12 });
    const late = messages.filter((message) => seqOf(message) === 7);
    await made.write(
      messages.filter((message) => !late.includes(message)),
      signal,
    );
    await made.idle();
    const path = join(output, "output_video.avi");
    expect(existsSync(path)).toBe(false);
    await made.sweep();
    await made.idle();
    expect((await probe(path)).frames).toBe(12);
    const filled = (await planes(path)).luma[7] ?? Number.NaN;
    await made.write(late, signal);
    await made.idle();
    expect((await planes(path)).luma[7]).toBeGreaterThan(filled);
  });

  it("leaves a video aside of which no frame has a picture, and makes the others", async () => {
    const output = await folder();
    const { writer: made, signal, problems } = await writer(output);
    const small = { ...video, frames: 4 };
    const none = (await processed(small)).map((message) =>
      message.kind === "end" ? message : lost(message),
    );
    await made.write(none, signal);
    await made.write(await processed({ ...small, camera: "other" }), signal);
    await made.idle();
    expect((await probe(join(output, "output_video.avi"))).frames).toBe(4);
    expect(problems.at(-1)).toBeUndefined();
  });

  it("says what FFmpeg says when it cannot make the video, and keeps the frames", async () => {
    const output = await folder();
    const made = await writer(output, { encoder: "no-such-encoder" });
    await made.writer.write(await processed({ ...video, frames: 2 }), made.signal);
    await expect.poll(() => made.problems.at(-1), { timeout: 5000 }).toMatch(/no-such-encoder/);
    made.abort.abort(new Error("over"));
    await made.writer.idle();
    const again = await writer(output);
    await again.writer.idle();
    expect((await probe(join(output, "output_video.avi"))).frames).toBe(2);
  });

  it("deletes what is left of old videos", async () => {
    const output = await folder();
    const { writer: made, signal } = await writer(output, { keepMs: -1 });
    await made.write((await processed({ ...video, frames: 3 })).slice(0, 2), signal);
    await made.sweep();
    expect(await readdir(join(output, ".work"))).toEqual([]);
  });
});

describe("outputFile", () => {
  it("is named by the camera where that is asked for, and by the step unless it is grayscale", () => {
    expect(outputFile("output_video.avi", { camera: "a", step: "grayscale" })).toBe("output_video.avi");
    expect(outputFile("{camera}.avi", { camera: "a", step: "edges" })).toBe("a-edges.avi");
  });
});
