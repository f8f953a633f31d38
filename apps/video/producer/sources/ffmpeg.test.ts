import { execFile } from "node:child_process";
import { chmod, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { defaultTools, runProcess } from "./ffmpeg.ts";
import { FfmpegSource } from "./ffmpeg-source.ts";
import { frameRate } from "./ffprobe.ts";
import { FileSource } from "./file.ts";
import type { CapturedFrame, Source } from "./source.ts";
import { multipartHead, part, testCamera } from "./testing/camera.ts";
import { picture } from "./testing/pictures.ts";
import { rtspCamera } from "./testing/rtsp.ts";

// Each test starts several FFmpegs, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const execute = promisify(execFile);
const ffmpeg = (...args: string[]) => execute("ffmpeg", ["-v", "error", "-y", ...args]);
const never = new AbortController().signal;
const noBad = (reason: string) => {
  throw new Error(`not expected: ${reason}`);
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ffmpeg-"));
});

async function collect(source: Source): Promise<CapturedFrame[]> {
  const frames: CapturedFrame[] = [];
  await source.run(never, (frame) => void frames.push(frame), noBad);
  return frames;
}

/** Runs a source until it has given `count` frames. */
async function take(source: Source, count: number): Promise<CapturedFrame[]> {
  const frames: CapturedFrame[] = [];
  const enough = new AbortController();
  const reason = new Error("enough");
  const onFrame = (frame: CapturedFrame) => {
    frames.push(frame);
    if (frames.length === count) enough.abort(reason);
  };
  await expect(source.run(enough.signal, onFrame, noBad)).rejects.toBe(reason);
  return frames;
}

describe("frameRate", () => {
  it.each([
    ["30000/1001", "30000/1001", "30000/1001"],
    ["19001/634", "30000/1001", "30000/1001"],
    ["25/1", "50/1", "25/1"],
    ["0/0", "30/1", "30/1"],
    ["0/0", "0/0", undefined],
    [undefined, undefined, undefined],
  ])("of mean %s and base %s is %s", (mean, base, rate) => expect(frameRate(mean, base)).toBe(rate));
});

describe("FileSource", () => {
  it("delivers every frame of a file once, with the file's rate", async () => {
    const path = join(folder, "odd: name.avi");
    await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x120:r=30000/1001", "-frames:v", "61", `file:${path}`);
    const source = new FileSource({ path, loop: false, pace: "full" });
    const frames = await collect(source);
    expect(frames).toHaveLength(61);
    expect(source.rate).toBe("30000/1001");
    expect(new Set(frames.map(({ width, height }) => `${width}x${height}`))).toEqual(new Set(["160x120"]));
  });

  it("neither repeats nor drops frames of a file of varying rate", async () => {
    const path = join(folder, "varying.mkv");
    const select = "select='not(mod(n,7))+not(mod(n,3))+lt(n,10)'";
    await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x120:r=30:d=4", "-vf", select, "-vsync", "vfr", path);
    const count = ["-select_streams", "v:0", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0"];
    const { stdout } = await execute("ffprobe", ["-v", "error", "-count_frames", ...count, path]);
    const source = new FileSource({ path, loop: false, pace: "full" });
    expect(await collect(source)).toHaveLength(Number(stdout));
  });

  it("passes the JPEGs of an MJPEG file through untouched", async () => {
    const jpegs = await Promise.all([1, 2, 3].map((seed) => picture({ seed })));
    for (const [i, jpeg] of jpegs.entries()) await writeFile(join(folder, `p${i}.jpg`), jpeg);
    const path = join(folder, "mjpeg.mkv");
    await ffmpeg("-framerate", "10", "-i", join(folder, "p%d.jpg"), "-c:v", "copy", path);
    const frames = await collect(new FileSource({ path, loop: false, pace: "full" }));
    expect(frames.map(({ jpeg }, i) => jpeg.equals(jpegs[i] ?? Buffer.alloc(0)))).toEqual([true, true, true]);
  });

  it("waits for whoever takes the frames, and loops", async () => {
    const path = join(folder, "loop.avi");
    await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x120:r=10", "-frames:v", "3", path);
    let [running, most] = [0, 0];
    const enough = new AbortController();
    let frames = 0;
    const onFrame = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      frames += 1;
      if (frames === 8) enough.abort(new Error("enough"));
    };
    const end = new FileSource({ path, loop: true, pace: "full" }).run(enough.signal, onFrame, noBad);
    await expect(end).rejects.toThrow("enough");
    expect(most).toBe(1);
  });

  it("plays at the file's own rate when asked to", async () => {
    const path = join(folder, "own.avi");
    await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x120:r=20", "-frames:v", "21", path);
    const frames = await collect(new FileSource({ path, loop: false, pace: "own" }));
    const lastedMs = ((frames.at(-1)?.capturedUs ?? 0) - (frames[0]?.capturedUs ?? 0)) / 1000;
    expect(frames).toHaveLength(21);
    expect(lastedMs).toBeGreaterThan(300);
  });

  it("says which file is missing or no video", async () => {
    const path = join(folder, "none.avi");
    const missing = new FileSource({ path, loop: false, pace: "full" });
    await expect(collect(missing)).rejects.toThrow(`the video file ${path} cannot be read (ENOENT)`);
    await writeFile(join(folder, "text.avi"), "no video");
    const text = new FileSource({ path: join(folder, "text.avi"), loop: false, pace: "full" });
    await expect(collect(text)).rejects.toThrow(/ffprobe ended with code 1: .*text\.avi/);
  });
});

describe("FfmpegSource", () => {
  it("reads what FFmpeg reads, with the options of its input", async () => {
    const source = new FfmpegSource({ url: "testsrc2=s=160x120:r=50", options: ["-re", "-f", "lavfi"] });
    expect(await take(source, 5)).toHaveLength(5);
  });

  it("decodes no picture that is too large for memory", async () => {
    const path = join(folder, "huge.mkv");
    const huge = ["-f", "lavfi", "-i", "color=s=10000x6000:r=1", "-frames:v", "1", "-c:v", "png"];
    await ffmpeg(...huge, path);
    const bad: string[] = [];
    const frames: CapturedFrame[] = [];
    const end = new FfmpegSource({ url: path }).run(
      never,
      (frame) => void frames.push(frame),
      (reason) => void bad.push(reason),
    );
    await expect(end).rejects.toThrow(/ended with code/);
    expect(frames).toEqual([]);
  });

  it("reads RTSP over TCP, with a password", async () => {
    const passwordFile = join(folder, "rtsp-password");
    await writeFile(passwordFile, "s3cret");
    await using camera = await rtspCamera(`Basic ${Buffer.from("viewer:s3cret").toString("base64")}`);
    const frames = await take(new FfmpegSource({ url: camera.url, user: "viewer", passwordFile }), 3);
    expect(frames[0]).toMatchObject({ width: 160, height: 120 });
    const setups = camera.requests.filter((request) => request.startsWith("SETUP"));
    expect(setups.length).toBeGreaterThan(0);
    expect(setups.every((request) => request.includes("RTP/AVP/TCP"))).toBe(true);

    const refused: unknown = await collect(new FfmpegSource({ url: camera.url })).catch(
      (error: unknown) => error,
    );
    expect(String(refused)).toMatch(/ffprobe ended with code 1: .*401 Unauthorized/);
  });

  it("keeps the password out of the command line and of errors", async () => {
    const jpeg = await picture();
    const answer = { "www-authenticate": 'Basic realm="camera"' };
    await using camera = await testCamera(({ headers, url }, response) => {
      const authorized =
        headers.authorization === `Basic ${Buffer.from("viewer:s3/cr'et").toString("base64")}`;
      if (!authorized || url === "/none") response.writeHead(authorized ? 404 : 401, answer).end();
      else {
        const write = () =>
          response.write(Buffer.concat([part(jpeg, "--b", jpeg.length), part(jpeg, "--b")]));
        const timer = setInterval(write, 20);
        response.writeHead(200, multipartHead).on("close", () => clearInterval(timer));
      }
    });
    const passwordFile = join(folder, "password");
    await writeFile(passwordFile, "s3/cr'et");
    const credentials = { user: "viewer", passwordFile };
    const args = join(folder, "args");
    const logged = join(folder, "logged-ffmpeg");
    await writeFile(logged, `#!/bin/sh\necho "$@" > ${args}\nexec ffmpeg "$@"\n`);
    await chmod(logged, 0o755);
    const source = new FfmpegSource({ url: camera.url, ...credentials }, { ...defaultTools, ffmpeg: logged });
    const frames = await take(source, 3);
    expect(frames.every((frame) => frame.jpeg.equals(jpeg))).toBe(true);
    const { stdout } = await execute("cat", [args]);
    expect(stdout).toContain("-c:v copy");
    expect(stdout).not.toMatch(/s3|viewer/);

    const missing = new FfmpegSource({ url: `${camera.url}none`, ...credentials });
    const error: unknown = await collect(missing).catch((reason: unknown) => reason);
    expect(String(error)).toMatch(/ffprobe ended with code 1: .*none/);
    expect(String(error)).not.toMatch(/s3|cr'|%27/);
  });
});

describe("FfmpegSource with a password in the query", () => {
  it("keeps it out of the command line and of errors", async () => {
    const passwordFile = join(folder, "query-password");
    await writeFile(passwordFile, "s3/cr'et");
    const args = join(folder, "probe-args");
    const logged = join(folder, "logged-ffprobe");
    await writeFile(logged, `#!/bin/sh\necho "$@" > ${args}\nexec ffprobe "$@"\n`);
    await chmod(logged, 0o755);
    const asked: (string | undefined)[] = [];
    await using camera = await testCamera(({ url }, response) => {
      asked.push(url);
      response.writeHead(404).end();
    });
    const url = `${camera.url}none?usr=viewer&pwd={password}`;
    const source = new FfmpegSource({ url, passwordFile }, { ...defaultTools, ffprobe: logged });
    const error: unknown = await collect(source).catch((reason: unknown) => reason);
    expect(asked).toContain("/none?usr=viewer&pwd=s3%2Fcr'et");
    expect(String(error)).toMatch(/ffprobe ended with code 1: .*none/);
    expect(String(error)).not.toMatch(/s3|cr'|%27/);
    expect((await execute("cat", [args])).stdout).not.toMatch(/s3|pwd/);
  });
});

describe("runProcess", () => {
  const options = { program: "sh", killAfterMs: 50 };

  it("kills a process that ignores SIGTERM", async () => {
    const enough = new AbortController();
    const pids: number[] = [];
    const end = runProcess(
      {
        ...options,
        args: ["-c", "trap '' TERM; echo $$; while :; do sleep 0.05; done"],
        signal: enough.signal,
      },
      (chunk) => {
        pids.push(Number(chunk.toString()));
        enough.abort(new Error("stalled"));
      },
    );
    await expect(end).rejects.toThrow("stalled");
    expect(pids).toHaveLength(1);
    expect(() => process.kill(pids[0] ?? 0, 0)).toThrow("ESRCH");
  });

  it("tells the last complaints of a process that fails, and what to install when there is none", async () => {
    const script = "for i in 1 2 3 4 5 6 7; do echo line $i secret >&2; done; exit 3";
    const redact = (text: string) => text.replaceAll("secret", "***");
    const failed = runProcess({ ...options, args: ["-c", script], signal: never, redact }, () => undefined);
    await expect(failed).rejects.toThrow(/^sh ended with code 3: line 3 \*\*\*; .*line 7 \*\*\*$/);
    const none = runProcess(
      { ...options, program: "no-such-ffmpeg", args: [], signal: never },
      () => undefined,
    );
    await expect(none).rejects.toThrow("no-such-ffmpeg cannot be started (ENOENT); install FFmpeg");
  });

  it("ends the process when its output cannot be taken", async () => {
    const end = runProcess({ ...options, args: ["-c", "while :; do echo x; done"], signal: never }, () => {
      throw new Error("the disk is full");
    });
    await expect(end).rejects.toThrow("the disk is full");
  });
});
