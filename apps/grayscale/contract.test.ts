import { describe, expect, it } from "vitest";
import { PoisonError } from "../common/kafka-message.ts";
import { decodeProcessed, encodeProcessed, grayscaleTopics, lostFrame, maxFrames } from "./contract.ts";
import { colourFrame, received } from "./testing/frames.ts";

const video = { camera: "file", run: "r/1", frames: 3, rate: "30000/1001", width: 32, height: 24 };

describe("encodeProcessed and decodeProcessed", () => {
  it("bring a frame through with its headers and its step, in the partition of its video", async () => {
    const frame = await colourFrame(video, 1);
    const message = encodeProcessed({ kind: "frame", step: "edges", ...frame }, "t");
    expect(message.key).toBe("file/r/1/edges");
    expect(decodeProcessed(received(message))).toEqual({ kind: "frame", step: "edges", ...frame });
  });

  it("bring the end and a lost frame through", () => {
    const source = { camera: "file", run: "1", rate: "25", step: "grayscale" };
    const end = { kind: "end", frames: 7, ...source } as const;
    const lost = { kind: "lost", seq: 4, reason: "no JPEG", ...source } as const;
    expect(decodeProcessed(received(encodeProcessed(end, "t")))).toEqual(end);
    expect(decodeProcessed(received(encodeProcessed(lost, "t")))).toEqual(lost);
  });

  it("refuse what has no step, a step that is no name, and a video without measure", async () => {
    const end = { kind: "end", camera: "file", run: "1", frames: 7 } as const;
    expect(() => decodeProcessed(received(encodeProcessed({ ...end, step: "../x" }, "t")))).toThrow(
      PoisonError,
    );
    const endless = { ...end, step: "edges", frames: maxFrames + 1 };
    expect(() => decodeProcessed(received(encodeProcessed(endless, "t")))).toThrow(/more than/);
    const { step: _, ...headers } = encodeProcessed({ ...end, step: "edges" }, "t").headers ?? {};
    expect(() => decodeProcessed(received({ topic: "t", value: "", headers }))).toThrow(
      "header step is missing",
    );
  });
});

describe("lostFrame", () => {
  const headers = { camera: "file", run: "1", seq: "5", rate: "30" };

  it("tells which frame it was when the picture is no JPEG and half of the headers are gone", () => {
    const message = received({ topic: "t", value: "junk", headers });
    expect(lostFrame(message, "why")).toEqual({
      camera: "file",
      run: "1",
      seq: 5,
      rate: "30",
      reason: "why",
    });
  });

  it.each([
    ["no run", { camera: "file", seq: "5" }],
    ["no number", { camera: "file", run: "1" }],
    ["a camera that is no name", { ...headers, camera: "../etc" }],
    ["an end of the stream", { ...headers, "end-of-stream": "x" }],
  ])("tells nothing of %s", (_what, given) => {
    expect(lostFrame(received({ topic: "t", value: "", headers: given }), "why")).toBeUndefined();
  });
});

describe("grayscaleTopics", () => {
  it("has the frames and the processed frames, with room for the largest frame", () => {
    const topics = grayscaleTopics({ partitions: 3, maxProcessedBytes: 1_000_000 });
    expect(topics.map(({ name, partitions }) => [name, partitions])).toEqual([
      ["video-frames", 3],
      ["processed-frames", 3],
    ]);
    expect(topics[1]?.maxMessageBytes).toBeGreaterThan(1_000_000);
  });
});
