import { describe, expect, it } from "vitest";
import { parseSource } from "./parse.ts";
import { sourceSpec } from "./source.ts";

describe("sourceSpec", () => {
  it.each([
    { type: "mjpeg", url: "http://camera:9085/" },
    { type: "mjpeg", url: "https://10.0.0.4/video?x=1", user: "viewer", passwordFile: "/run/secrets/gate" },
    { type: "ffmpeg", url: "rtsp://camera/stream", user: "viewer", passwordFile: "/run/secrets/gate" },
    { type: "mjpeg", url: "http://camera/?usr=a&pwd={password}", passwordFile: "/run/secrets/gate" },
    {
      type: "ffmpeg",
      url: "rtsp://camera/a?pwd={password}",
      user: "viewer",
      passwordFile: "/run/secrets/gate",
    },
    { type: "ffmpeg", url: "/dev/video0", options: ["-f", "v4l2"] },
    { type: "file", path: "/data/film.mp4", loop: false, pace: "full" },
    { type: "folder", path: "/data/pictures", fps: 12.5, loop: true },
  ])("takes %o", (spec) => {
    const parsed = sourceSpec.parse(spec);
    expect(parsed).toEqual(spec);
    expect(parseSource(parsed).ends).toBe(spec.loop === false);
  });

  it.each([
    [{ type: "mjpeg", url: "ftp://camera/" }, "http://"],
    [{ type: "mjpeg", url: "http://u:p@camera/" }, "passwordFile"],
    [{ type: "mjpeg", url: "http://camera/", user: "viewer" }, "go together"],
    [{ type: "ffmpeg", url: "rtsp://u:p@camera/" }, "passwordFile"],
    [{ type: "mjpeg", url: "http://camera/?pwd=u:p" }, "write {password}"],
    [{ type: "ffmpeg", url: "rtsp://camera/?password=u:p" }, "write {password}"],
    [{ type: "mjpeg", url: "http://camera/?pwd={password}" }, "go together"],
    [{ type: "mjpeg", url: "http://camera/", passwordFile: "/p" }, "go together"],
    [{ type: "ffmpeg", url: "-version" }, "-i"],
    [{ type: "ffmpeg", url: "/dev/video0", user: "u", passwordFile: "/p" }, "rtsp://"],
    [{ type: "file", path: "film.mp4", loop: false, pace: "full" }, "absolute"],
    [{ type: "folder", path: "/data", fps: 0, loop: true }, "0.001"],
    [{ type: "folder", path: "/data", fps: 1, loop: true, colour: "red" }, "colour"],
    [{ type: "tape" }, "type"],
  ])("refuses %o", (spec, told) => {
    const { error } = sourceSpec.safeParse(spec);
    expect(error?.message).toContain(told);
    expect(error?.message).not.toContain("u:p");
  });
});
