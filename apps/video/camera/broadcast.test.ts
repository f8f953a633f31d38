import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { HttpMjpegSource } from "../producer/sources/http-mjpeg.ts";
import type { CapturedFrame } from "../producer/sources/source.ts";
import { testCamera } from "../producer/sources/testing/camera.ts";
import { picture } from "../producer/sources/testing/pictures.ts";
import { Broadcast } from "./broadcast.ts";

const still = { truncateEvery: 0, contentLength: true, onSkipped: () => undefined };

/** Reads the stream until `pictures` came, good or bad; `sendNext` is called before the first and after each. */
async function read(url: string, pictures: number, sendNext: () => void) {
  const enough = new AbortController();
  const told: (number | "bad")[] = [];
  const next = (what: number | "bad") => {
    told.push(what);
    if (told.length === pictures) enough.abort(new Error("enough"));
    else sendNext();
  };
  const end = new HttpMjpegSource({ url }).run(
    enough.signal,
    (frame: CapturedFrame) => next(frame.jpeg.length),
    () => next("bad"),
  );
  await expect(end).rejects.toThrow("enough");
  return told;
}

describe("Broadcast", () => {
  it.each([true, false])(
    "cuts every n-th part off, and only that; Content-Length: %s",
    async (contentLength) => {
      const jpeg = await picture();
      const broadcast = new Broadcast({ ...still, truncateEvery: 3, contentLength });
      await using camera = await testCamera((_request, response) => broadcast.add(response));
      // A part that was cut off, or has no length, ends with the next one only: the sender must not wait for it.
      const timer = setInterval(() => broadcast.send(jpeg, {}), 5);
      const told = await read(camera.url, 6, () => undefined);
      clearInterval(timer);
      const first = told.indexOf("bad");
      expect(
        told.map((one, i) => (one === "bad" ? (i - first) % 3 === 0 : one === jpeg.length)),
      ).not.toContain(false);
      expect(told.filter((one) => one === "bad")).toHaveLength(2);
      broadcast.close();
    },
  );

  it("gives each client each frame as it is made, until the client goes", async () => {
    const jpeg = await picture();
    const broadcast = new Broadcast(still);
    await using camera = await testCamera((_request, response) => {
      broadcast.add(response);
      if (broadcast.clients === 2) broadcast.send(jpeg, {});
    });
    let waiting = 2;
    const sendNext = () => {
      waiting -= 1;
      if (waiting > 0) return;
      waiting = 2;
      broadcast.send(jpeg, {});
    };
    const clients = await Promise.all([read(camera.url, 4, sendNext), read(camera.url, 4, sendNext)]);
    expect(clients).toEqual([Array(4).fill(jpeg.length), Array(4).fill(jpeg.length)]);
    await expect.poll(() => broadcast.clients).toBe(0);
  });

  it("lets a client that takes nothing skip frames, without holding others up or gathering memory", async () => {
    const jpeg = await picture({ width: 640, height: 480 });
    let skipped = 0;
    const broadcast = new Broadcast({ ...still, onSkipped: () => (skipped += 1) });
    const responses: { writableLength: number }[] = [];
    await using camera = await testCamera((_request, response) => {
      responses.push(response);
      broadcast.add(response);
    });
    const [slow] = (await once(get(camera.url), "response")) as [IncomingMessage];
    // Nobody reads it: the kernel's buffers fill first.
    slow.pause().on("error", () => undefined);
    for (let sent = 0; skipped === 0 && sent < 2000; sent += 1) {
      broadcast.send(jpeg, {});
      await new Promise(setImmediate);
    }
    expect(skipped).toBe(1);
    const sendNext = () => broadcast.send(jpeg, {});
    const reading = read(camera.url, 20, sendNext);
    await expect.poll(() => broadcast.clients).toBe(2);
    sendNext();
    expect(await reading).toEqual(Array(20).fill(jpeg.length));
    expect(skipped).toBeGreaterThanOrEqual(20);
    expect(responses[0]?.writableLength).toBeLessThan(2 * jpeg.length);
    broadcast.close();
    slow.destroy();
  });

  it("refuses one client too many", async () => {
    const broadcast = new Broadcast(still);
    await using camera = await testCamera((_request, response) => broadcast.add(response));
    const answers = await Promise.all(
      Array.from({ length: 33 }, async () => {
        const [response] = (await once(get(camera.url), "response")) as [IncomingMessage];
        response.on("error", () => undefined).resume();
        return response.statusCode;
      }),
    );
    expect(answers.filter((status) => status === 503)).toHaveLength(1);
    broadcast.close();
  });
});
