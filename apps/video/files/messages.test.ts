import { describe, expect, it } from "vitest";
import type { KafkaMessage } from "../../common/kafka-message.ts";
import { encodeFrame } from "../../media/frame.ts";
import { fakeJpeg } from "../../media/testing/jpeg.ts";
import { CameraLimit } from "./camera-limit.ts";
import { decodeBatch } from "./messages.ts";
import { makeFrame, noonUs } from "./testing/frames.ts";

function received(camera: string, seq: number, jpeg = fakeJpeg()): KafkaMessage {
  const { topic, headers = {} } = encodeFrame(makeFrame(seq, noonUs, { camera, jpeg }), "frames", "jpeg");
  return {
    topic,
    partition: 0,
    offset: BigInt(seq),
    timestampMs: 0,
    key: Buffer.from(camera),
    value: jpeg,
    headers: new Map(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
  };
}

describe("decodeBatch", () => {
  it("rejects what is no picture and goes on with the next one", () => {
    const messages = [received("a", 0), received("a", 1, Buffer.from("ffd8ffd9", "hex")), received("a", 2)];
    const { videos, rejections } = decodeBatch(messages, "jpeg", new CameraLimit());
    expect(videos.map((video) => video.kind === "frame" && video.seq)).toEqual([0, 2]);
    expect(rejections.map(({ reason }) => reason)).toEqual(["4 bytes that are no whole JPEG"]);
  });

  it("takes the cameras that came first, in this batch and in the next, and no others", () => {
    const cameras = new CameraLimit(2);
    const first = decodeBatch(
      ["a", "b", "c", "a", "d"].map((camera, seq) => received(camera, seq)),
      "jpeg",
      cameras,
    );
    expect(first.videos.map(({ camera }) => camera)).toEqual(["a", "b", "a"]);
    expect(first.rejections.map(({ reason }) => reason)).toEqual([
      "camera c is one more than the 2 that are taken of a topic",
      "camera d is one more than the 2 that are taken of a topic",
    ]);
    const next = decodeBatch([received("b", 5), received("c", 6)], "jpeg", cameras);
    expect(next.videos.map(({ camera }) => camera)).toEqual(["b"]);
  });

  it("counts no camera whose frames cannot be read", () => {
    const cameras = new CameraLimit(1);
    decodeBatch([received("a", 0, Buffer.alloc(9))], "jpeg", cameras);
    expect(decodeBatch([received("b", 0)], "jpeg", cameras).videos).toHaveLength(1);
  });
});
