import { connect } from "node:net";
import { text } from "node:stream/consumers";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Health } from "../../common/health.ts";
import { createHttpServer, listen } from "../../common/http.ts";
import { createMetrics } from "../../common/metrics.ts";
import { type Classifier, createClassifier } from "./classifier.ts";
import { addClassifyRoute } from "./http.ts";
import { type Inference, startInference } from "./inference.ts";
import { writeColourModel } from "./testing/colour-model.ts";

const MAX_BYTES = 20_000;
const metrics = createMetrics("classifier-test");
const server = createHttpServer({ health: new Health(), metrics });
let inference: Inference;
let classifier: Classifier | undefined;

const paint = (background: string, side = 32) =>
  sharp({ create: { width: side, height: side, channels: 3, background } });
const post = (payload: Buffer | undefined, headers: Record<string, string> = {}) =>
  server.inject({ method: "POST", url: "/classify", headers, ...(payload ? { payload } : {}) });

beforeAll(async () => {
  inference = await startInference({ folder: writeColourModel(), threads: 1 });
  addClassifyRoute(server, { classifier: () => classifier, maxImageBytes: MAX_BYTES, maxRequests: 2 });
  await server.ready();
});
afterAll(async () => {
  await server.close();
  await inference.close();
});

describe("POST /classify", () => {
  it("answers 503 while the model is being loaded", async () => {
    const answer = await post(await paint("red").png().toBuffer());
    expect(answer.statusCode).toBe(503);
    expect(answer.headers["retry-after"]).toBe("1");
    expect(answer.json()).toEqual({ error: "not ready", reason: "the classifier is starting or ending" });
    classifier = createClassifier({ inference, metrics, maxBatch: 4, maxPixels: 100_000 });
  });

  it.each(["png", "jpeg", "webp", "gif", "avif", "tiff"] as const)(
    "names what a %s shows",
    async (format) => {
      const answer = await post(await paint("#0000ff").toFormat(format).toBuffer());
      expect(answer.statusCode).toBe(200);
      const { model, top, inferenceMs } = answer.json();
      expect(model).toBe("colours");
      expect(top[0].label).toBe("blue");
      expect(top[0].score).toBeGreaterThan(0.9);
      expect(top).toHaveLength(3);
      expect(inferenceMs).toBeGreaterThan(0);
    },
  );

  it.each(["image/png", "application/json", "text/plain", "application/x-www-form-urlencoded", "nonsense"])(
    "takes the bytes whatever they are said to be: %s",
    async (type) => {
      const answer = await post(await paint("#00ff00").png().toBuffer(), { "content-type": type });
      expect([answer.statusCode, answer.json().top?.[0]?.label]).toEqual([200, "green"]);
    },
  );

  it("answers 400 with the reason for what is no image", async () => {
    for (const body of [Buffer.from("no image"), Buffer.from("<html>"), undefined]) {
      const answer = await post(body);
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toEqual({ error: "not an image", reason: expect.stringMatching(/./) });
    }
  });

  it("answers 400 for an image of too many pixels", async () => {
    const answer = await post(await paint("red", 1000).png().toBuffer());
    expect([answer.statusCode, answer.json().reason]).toEqual([400, expect.stringContaining("pixel limit")]);
  });

  it("answers 413 above the limit of bytes, and 200 at it", async () => {
    const image = await paint("red").png().toBuffer();
    const padded = (size: number) => Buffer.concat([image, Buffer.alloc(size - image.length)]);
    expect((await post(padded(MAX_BYTES))).statusCode).toBe(200);
    const answer = await post(padded(MAX_BYTES + 1));
    expect([answer.statusCode, answer.json()]).toEqual([
      413,
      { error: "image too large", reason: `the limit is ${MAX_BYTES} bytes` },
    ]);
  });

  it("gets its 413 through to a client that is still sending", async () => {
    const address = await server.listen({ host: "127.0.0.1", port: 0 });
    for (let round = 0; round < 5; round += 1) {
      const body = new Uint8Array(32 * 1024 * 1024);
      const answer = await fetch(`${address}/classify`, { method: "POST", body });
      expect([answer.status, await answer.json()]).toMatchObject([413, { error: "image too large" }]);
      expect(answer.headers.get("connection")).not.toBe("close");
    }
  });

  it("answers 503 to what exceeds the requests in hand, and recovers", async () => {
    const image = await paint("red").png().toBuffer();
    const codes = (await Promise.all(Array.from({ length: 8 }, () => post(image)))).map(
      (each) => each.statusCode,
    );
    expect(codes.filter((code) => code === 200)).toHaveLength(2);
    expect(codes.filter((code) => code === 503)).toHaveLength(6);
    expect((await post(image)).statusCode).toBe(200);
  });

  it("counts what it did", async () => {
    const text = await metrics.registry.metrics();
    expect(text).toMatch(/images_classified_total\{source="http",.*\} 15\b/);
    expect(text).toMatch(/images_rejected_total\{source="http",.*\} 4\b/);
    expect(text).toMatch(/inference_seconds_count\{.*\} \d+/);
    expect(text).toMatch(/inference_batch_images_count\{.*\} \d+/);
  });
});

describe("requests that stay half-open", () => {
  it("take the places of others only until their time is over", async () => {
    const own = createHttpServer(
      { health: new Health(), metrics },
      { requestMs: 100, silenceMs: 60_000, checkMs: 20 },
    );
    addClassifyRoute(own, { classifier: () => classifier, maxImageBytes: MAX_BYTES, maxRequests: 2 });
    const port = await listen(own, 0, "127.0.0.1");
    const halfOpen = [1, 2].map(() => {
      const socket = connect(port, "127.0.0.1");
      socket.write("POST /classify HTTP/1.1\r\nHost: lab\r\nContent-Length: 10\r\n\r\nabc");
      return text(socket);
    });
    for (const answer of await Promise.all(halfOpen)) expect(answer).toContain("408 Request Timeout");
    const body = new Uint8Array(await paint("#00ff00").png().toBuffer());
    await vi.waitFor(async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/classify`, { method: "POST", body });
      expect(answer.status).toBe(200);
    });
    await own.close();
  });
});
