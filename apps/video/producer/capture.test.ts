import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type CaptureEvent, type CaptureState, superviseCamera } from "./capture.ts";
import { FolderSource } from "./sources/folder.ts";
import { HttpMjpegSource } from "./sources/http-mjpeg.ts";
import type { CapturedFrame, OnFrame, Source } from "./sources/source.ts";
import { multipartHead, part, testCamera } from "./sources/testing/camera.ts";
import { picture } from "./sources/testing/pictures.ts";

let jpegs: Buffer[];
beforeAll(async () => {
  const sizes = [1, 2, 3].map((seed) => picture({ seed }));
  jpegs = await Promise.all([...sizes, picture({ width: 32, height: 32 })]);
});
const jpeg = (i: number) => jpegs[i] ?? Buffer.alloc(0);
const whole = (i: number) => part(jpeg(i), "--b", jpeg(i).length);

/** Supervises a source and keeps what it tells. @param until told of each frame; ends the supervision by true */
function supervise(
  source: Source,
  {
    until = () => false,
    onFrame = () => undefined,
    stallTimeoutMs = 10_000,
    random = () => 0.5,
  }: {
    until?: (frames: readonly CapturedFrame[]) => boolean;
    onFrame?: OnFrame;
    stallTimeoutMs?: number;
    random?: () => number;
  } = {},
) {
  const frames: CapturedFrame[] = [];
  const events: CaptureEvent[] = [];
  const states: CaptureState[] = [];
  const ending = new AbortController();
  const done = superviseCamera({
    name: "gate",
    source,
    stallTimeoutMs,
    onFrame: async (frame) => {
      frames.push(frame);
      await onFrame(frame);
      if (until(frames)) ending.abort(new Error("enough"));
    },
    log: pino({ level: "silent" }),
    onEvent: (event) => events.push(event),
    onState: (state) => states.push(state),
    signal: ending.signal,
    backoff: { baseMs: 4, capMs: 20 },
    random,
  });
  return { frames, events, states, done, ending };
}

describe("superviseCamera", () => {
  // A stall is when the test says so, however slow the machine is.
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  it("connects again after a stream that broke, ended or stalled, and counts each", async () => {
    const answers = [
      (response: ServerResponse) => response.write(whole(0), () => response.destroy()),
      (response: ServerResponse) => response.end(Buffer.concat([whole(1), whole(2)])),
      (response: ServerResponse) => response.write(whole(0)),
      (response: ServerResponse) => response.write(whole(1)),
    ];
    await using camera = await testCamera((_request, response) => {
      response.writeHead(200, multipartHead);
      answers[camera.requests.length - 1]?.(response);
    });
    const { frames, events, states, done } = supervise(new HttpMjpegSource({ url: camera.url }), {
      until: ({ length }) => length === 5,
      // After the one frame of the connection that stalls, once it is dealt with.
      onFrame: () => {
        if (frames.length === 4) setImmediate(() => vi.advanceTimersByTime(600));
      },
      stallTimeoutMs: 600,
    });
    await expect(done).rejects.toThrow("enough");
    expect(frames.map((frame) => jpegs.findIndex((one) => one.equals(frame.jpeg)))).toEqual([0, 1, 2, 0, 1]);
    expect(events).toEqual([
      "connect",
      "failure",
      ...["connect", "reconnect", "end"],
      ...["connect", "reconnect", "stall", "failure"],
      ...["connect", "reconnect"],
    ]);
    expect(states.filter(({ kind }) => kind === "waiting")).toEqual([
      { kind: "waiting", problem: "aborted" },
      { kind: "waiting", problem: "the stream ended" },
      { kind: "waiting", problem: "no frame for 600 ms" },
    ]);
    expect(states.at(-1)).toEqual({ kind: "streaming", width: 64, height: 48 });
  });

  it("takes a camera in that comes late, goes away and comes back", async () => {
    const gone = await testCamera(() => undefined);
    const { port, url } = gone;
    await gone[Symbol.asyncDispose]();
    const failed = Promise.withResolvers<void>();
    const seen = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const answer = (_request: unknown, response: ServerResponse) => {
      response.writeHead(200, multipartHead).write(whole(0));
    };
    const supervised = supervise(new HttpMjpegSource({ url }), {
      onFrame: () => seen[supervised.frames.length - 1]?.resolve(),
      // Drawn for the pause after each failed connection.
      random: () => {
        failed.resolve();
        return 0.5;
      },
    });
    const ended = expect(supervised.done).rejects.toThrow("enough");
    await failed.promise;
    for (const { promise } of seen) {
      const camera = await testCamera(answer, port);
      await promise;
      await camera[Symbol.asyncDispose]();
    }
    supervised.ending.abort(new Error("enough"));
    await ended;
    const count = (event: CaptureEvent) => supervised.events.filter((one) => one === event).length;
    expect(count("connect")).toBe(2);
    expect(count("reconnect")).toBe(1);
    expect(count("failure")).toBeGreaterThanOrEqual(2);
    expect(supervised.states).toContainEqual({
      kind: "waiting",
      problem: expect.stringContaining("ECONNREFUSED"),
    });
  });

  it("skips bad parts and notices another resolution", async () => {
    await using camera = await testCamera((_request, response) => {
      const cut = part(jpeg(0).subarray(0, 500), "--b", jpeg(0).length);
      response.writeHead(200, multipartHead).write(Buffer.concat([whole(0), cut, whole(3), cut, whole(3)]));
    });
    const { events, states, done } = supervise(new HttpMjpegSource({ url: camera.url }), {
      until: ({ length }) => length === 3,
    });
    await expect(done).rejects.toThrow("enough");
    expect(events).toEqual(["connect", "bad-part", "resolution-change", "bad-part"]);
    expect(states.at(-1)).toEqual({ kind: "streaming", width: 32, height: 32 });
  });

  it("waits longer from failure to failure, and briefly again once there were frames", async () => {
    const pauses: string[] = [];
    let connection = 0;
    const source: Source = {
      ends: false,
      run: async (_signal, onFrame) => {
        connection += 1;
        if (connection === 4) await onFrame({ jpeg: jpeg(0), capturedUs: 0, width: 1, height: 1 });
        throw new Error(`failure ${connection}`);
      },
    };
    const ending = new AbortController();
    const done = superviseCamera({
      name: "gate",
      source,
      stallTimeoutMs: 1000,
      onFrame: () => undefined,
      log: pino({ level: "warn" }, { write: (line) => void pauses.push(JSON.parse(line).pauseMs) }),
      onEvent: () => connection === 6 && ending.abort(new Error("enough")),
      signal: ending.signal,
      backoff: { baseMs: 4, capMs: 12 },
      random: () => 1,
    });
    await expect(done).rejects.toThrow("enough");
    expect(pauses).toEqual([4, 8, 12, 4, 8, 12]);
  });

  it("does not take the time that a frame waits for a stall", async () => {
    const path = await mkdtemp(join(tmpdir(), "capture-"));
    for (const name of ["1.jpg", "2.jpg"]) await writeFile(join(path, name), jpeg(0));
    const { events, done } = supervise(new FolderSource({ path, fps: 500, loop: false }), {
      stallTimeoutMs: 400,
      onFrame: () => void vi.advanceTimersByTime(600),
    });
    expect(await done).toEqual({ frames: 2 });
    expect(events).toEqual(["connect"]);
  });

  it("never plays a file again that failed in the middle", async () => {
    const source: Source = {
      ends: true,
      run: async (_signal, onFrame) => {
        await onFrame({ jpeg: jpeg(0), capturedUs: 0, width: 1, height: 1 });
        throw new Error("the disk is gone");
      },
    };
    const { frames, done } = supervise(source);
    await expect(done).rejects.toThrow("the disk is gone");
    expect(frames).toHaveLength(1);
  });

  it("drops what a connection still delivers after it was given up", async () => {
    const late = { jpeg: jpeg(0), capturedUs: 0, width: 1, height: 1 };
    let connection = 0;
    const source: Source = {
      ends: false,
      run: async (signal, onFrame) => {
        connection += 1;
        if (connection > 1) await onFrame(late);
        else setImmediate(() => vi.advanceTimersByTime(20));
        if (!signal.aborted) await once(signal, "abort");
        await onFrame(late);
        signal.throwIfAborted();
      },
    };
    const { frames, events, done } = supervise(source, { stallTimeoutMs: 20, until: () => true });
    await expect(done).rejects.toThrow("enough");
    expect(frames).toHaveLength(1);
    expect(events).toEqual(["stall", "failure", "connect"]);
  });

  it("ends with the error of whoever takes the frames", async () => {
    await using camera = await testCamera((_request, response) => {
      response.writeHead(200, multipartHead).write(whole(0));
    });
    const { done } = supervise(new HttpMjpegSource({ url: camera.url }), {
      onFrame: () => {
        throw new Error("no room");
      },
    });
    await expect(done).rejects.toThrow("no room");
  });
});
