import { mkdtemp, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { HttpMjpegSource } from "./http-mjpeg.ts";
import type { CapturedFrame } from "./source.ts";
import { multipartHead, part, testCamera } from "./testing/camera.ts";
import { picture } from "./testing/pictures.ts";

let jpeg: Buffer;
let passwordFile: string;
beforeAll(async () => {
  jpeg = await picture();
  passwordFile = join(await mkdtemp(join(tmpdir(), "mjpeg-")), "password");
  await writeFile(passwordFile, "s3cret\n");
});

async function run(source: HttpMjpegSource, signal = new AbortController().signal) {
  const frames: CapturedFrame[] = [];
  const bad: string[] = [];
  const end = source.run(
    signal,
    (frame) => void frames.push(frame),
    (reason) => bad.push(reason),
  );
  const error: unknown = await end.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { frames, bad, error: error instanceof Error ? error.message : error };
}
const stream = (response: ServerResponse) => response.writeHead(200, multipartHead).end(part(jpeg));

describe("HttpMjpegSource", () => {
  it.each([true, false])("delivers frames untouched, with Content-Length: %s", async (known) => {
    await using camera = await testCamera((_request, response) => {
      const one = part(jpeg, "--b", known ? jpeg.length : undefined);
      response.writeHead(200, multipartHead).end(Buffer.concat([one, one, Buffer.from("--b--\r\n")]));
    });
    const before = (performance.timeOrigin + performance.now()) * 1000;
    const { frames, bad, error } = await run(new HttpMjpegSource({ url: camera.url }));
    expect({ bad, error }).toEqual({ bad: [], error: undefined });
    expect(frames.map((frame) => frame.jpeg.equals(jpeg))).toEqual([true, true]);
    expect(frames[0]).toMatchObject({ width: 64, height: 48 });
    expect(frames[0]?.capturedUs).toBeGreaterThanOrEqual(Math.floor(before));
  });

  it("skips truncated and garbage parts, and no others", async () => {
    await using camera = await testCamera((_request, response) => {
      const cut = part(jpeg.subarray(0, jpeg.length / 2), "--b", jpeg.length);
      const garbage = part(Buffer.from("<html>"), "--b");
      const good = part(jpeg, "--b", jpeg.length);
      response.writeHead(200, multipartHead).end(Buffer.concat([good, cut, good, garbage, good, cut]));
    });
    const { frames, bad, error } = await run(new HttpMjpegSource({ url: camera.url }));
    expect(frames).toHaveLength(3);
    expect(bad).toHaveLength(3);
    expect(error).toBeUndefined();
  });

  it("fails when the connection breaks", async () => {
    await using camera = await testCamera((_request, response) => {
      response.writeHead(200, multipartHead).write(part(jpeg, "--b", jpeg.length), () => response.destroy());
    });
    const { frames, error } = await run(new HttpMjpegSource({ url: camera.url }));
    expect(frames).toHaveLength(1);
    expect(error).toBe("aborted");
  });

  it("ends with the signal's reason, whether it waits for an answer or for a frame", async () => {
    const waiting = Promise.withResolvers<void>();
    await using silent = await testCamera(() => waiting.resolve());
    const first = new AbortController();
    const unanswered = run(new HttpMjpegSource({ url: silent.url }), first.signal);
    await waiting.promise;
    first.abort(new Error("enough"));
    expect(await unanswered).toMatchObject({ error: "enough", frames: [] });

    await using camera = await testCamera((_request, response) => {
      response.writeHead(200, multipartHead).write(part(jpeg, "--b", jpeg.length));
    });
    const second = new AbortController();
    const end = new HttpMjpegSource({ url: camera.url }).run(
      second.signal,
      () => second.abort(new Error("seen")),
      () => undefined,
    );
    await expect(end).rejects.toThrow("seen");
  });

  it.each([
    ["Basic", 'Basic realm="camera"', /^Basic dmlld2VyOnMzY3JldA==$/],
    ["Digest", 'Digest realm="camera", nonce="abc", qop="auth"', /^Digest username="viewer",.* uri="\/",/],
  ])("answers a challenge for %s, and only once it is asked", async (_name, challenge, answer) => {
    await using camera = await testCamera(({ headers }, response) => {
      if (headers.authorization !== undefined) stream(response);
      else response.writeHead(401, { "www-authenticate": challenge }).end();
    });
    const { frames } = await run(new HttpMjpegSource({ url: camera.url, user: "viewer", passwordFile }));
    expect(frames).toHaveLength(1);
    expect(camera.requests.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      expect.stringMatching(answer),
    ]);
  });

  it("puts the password into the query only when it connects", async () => {
    await using camera = await testCamera(({ url }, response) => {
      if (url === "/?usr=viewer&pwd=s3cret") stream(response);
      else response.writeHead(403).end();
    });
    const url = `${camera.url}?usr=viewer&pwd={password}`;
    const { frames } = await run(new HttpMjpegSource({ url, passwordFile }));
    expect(frames).toHaveLength(1);
  });

  it("says what to mend when access is refused, without the password", async () => {
    await using camera = await testCamera((_request, response) => {
      response.writeHead(401, { "www-authenticate": "Basic" }).end();
    });
    const url = `${camera.url}?key=hidden`;
    const without = await run(new HttpMjpegSource({ url }));
    expect(without.error).toBe(`${camera.url} refuses access (HTTP status 401); set user and passwordFile`);
    const wrong = await run(new HttpMjpegSource({ url, user: "viewer", passwordFile }));
    expect(wrong.error).toBe(
      `${camera.url} refuses access (HTTP status 401); check user and the password in passwordFile`,
    );
    const noFile = await run(new HttpMjpegSource({ url, user: "viewer", passwordFile: "/nowhere/secret" }));
    expect(noFile.error).toBe("the camera's password cannot be read from /nowhere/secret (ENOENT)");
  });

  it("follows a redirect within the camera, and none to anywhere else", async () => {
    await using other = await testCamera((_request, response) => stream(response));
    await using camera = await testCamera(({ url }, response) => {
      if (url === "/stream") stream(response);
      else response.writeHead(302, { location: url === "/away" ? `${other.url}x?k=1` : "/stream" }).end();
    });
    expect((await run(new HttpMjpegSource({ url: camera.url }))).frames).toHaveLength(1);
    const { error } = await run(new HttpMjpegSource({ url: `${camera.url}away` }));
    expect(error).toBe(`${camera.url}away redirects to ${other.url}x; if that is the camera, set it as url`);
    expect(other.requests).toHaveLength(0);
  });

  it("refuses an answer that is no stream of pictures", async () => {
    await using camera = await testCamera(({ url }, response) => {
      response.writeHead(url === "/" ? 200 : 404, { "content-type": "text/html" }).end("hello");
    });
    const page = await run(new HttpMjpegSource({ url: camera.url }));
    expect(page.error).toContain("text/html, not multipart/x-mixed-replace");
    const missing = await run(new HttpMjpegSource({ url: `${camera.url}x` }));
    expect(missing.error).toBe(`${camera.url}x answers with HTTP status 404`);
  });
});
