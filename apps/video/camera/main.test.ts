import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { checkJpeg } from "../../media/jpeg.ts";
import { HttpMjpegSource } from "../producer/sources/http-mjpeg.ts";
import type { CapturedFrame } from "../producer/sources/source.ts";
import { cameraEnv } from "./env.ts";

const main = new URL("./main.ts", import.meta.url).pathname;

describe("cameraEnv", () => {
  it("films as the lab's cameras do when nothing is set", () => {
    expect(cameraEnv.parse({})).toMatchObject({
      HTTP_PORT: 9085,
      FPS: 30,
      WIDTH: 1280,
      HEIGHT: 720,
      FRAME_KB: 85,
      TRUNCATE_EVERY: 0,
    });
  });
});

describe("camera", () => {
  it("streams what it was asked to, counts it, and ends on SIGTERM with a client connected", {
    timeout: 30_000,
  }, async () => {
    const env = cameraEnv.format({
      HTTP_PORT: 0,
      FPS: 50,
      WIDTH: 640,
      HEIGHT: 360,
      FRAME_KB: 20,
      TRUNCATE_EVERY: 5,
    });
    const camera = spawn(process.execPath, [main], { env: { ...process.env, ...env } });
    const exit = once(camera, "exit");
    const ports = createInterface(camera.stdout)[Symbol.asyncIterator]();
    let port: number | undefined;
    while (port === undefined) {
      const { value, done } = await ports.next();
      if (done) throw new Error("the camera ended before it listened");
      port = JSON.parse(value).port;
    }
    camera.stdout.resume();
    const url = `http://127.0.0.1:${port}/`;
    const frames: CapturedFrame[] = [];
    let bad = 0;
    const enough = Promise.withResolvers<void>();
    const end = new HttpMjpegSource({ url }).run(
      new AbortController().signal,
      (frame) => {
        frames.push(frame);
        if (frames.length === 20) enough.resolve();
      },
      () => (bad += 1),
    );
    await Promise.race([enough.promise, end]);
    expect(bad).toBeGreaterThanOrEqual(3);
    expect(bad).toBeLessThanOrEqual(6);
    const meanKB = frames.reduce((sum, { jpeg }) => sum + jpeg.length / 1024, 0) / frames.length;
    expect(Math.abs(meanKB / 20 - 1)).toBeLessThan(0.1);
    expect(frames.map(({ jpeg }) => checkJpeg(jpeg))).toEqual(
      Array(frames.length).fill({ width: 640, height: 360 }),
    );

    expect((await fetch(`${url}healthz`)).status).toBe(200);
    const metrics = await (await fetch(`${url}metrics`)).text();
    expect(Number(/^camera_frames_total\S* (\d+)/m.exec(metrics)?.[1])).toBeGreaterThanOrEqual(23);
    camera.kill("SIGTERM");
    expect(await exit).toEqual([0, null]);
    await end.catch(() => undefined);
  });
});
