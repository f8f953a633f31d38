import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { holdsSecret, withoutSecrets, withPassword } from "./address.ts";

describe("an address", () => {
  it.each([
    ["rtsp://viewer:s3cret@camera/stream", "rtsp://***@camera/stream"],
    ["http://camera/video?user=admin&pwd=s3cret&x=1", "http://camera/video?user=admin&pwd=***&x=1"],
    ["http://camera/video.cgi?loginuse=a&loginpas=s3cret", "http://camera/video.cgi?loginuse=a&loginpas=***"],
    ["http://camera/?PASSWORD=s3cret#top", "http://camera/?PASSWORD=***#top"],
    ["http://camera/?access_token=s3cret", "http://camera/?access_token=***"],
    ['{"url":"http://camera/?user_pwd=s3cret"}', '{"url":"http://camera/?user_pwd=***"}'],
  ])("with a secret in it, %s, is known and shown as %s", (text, shown) => {
    expect(holdsSecret(text)).toBe(true);
    expect(withoutSecrets(text)).toBe(shown);
  });

  it.each([
    "http://camera:9085/",
    "http://camera/video?user=admin&pwd={password}",
    "http://camera/video?passive=1&bypass=yes&w=640",
    "rtsp://camera/a@b",
    "/dev/video0",
  ])("without one, %s, is left alone", (text) => {
    expect(withoutSecrets(text)).toBe(text);
  });

  it("gets any password in the place for it, so that the camera reads it back", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (password) => {
        const url = new URL(withPassword("http://camera/?pwd={password}&x=1", password));
        expect(url.searchParams.get("pwd")).toBe(password);
        expect(url.searchParams.get("x")).toBe("1");
      }),
    );
  });
});
