import { describe, expect, it } from "vitest";
import { videoRecorderEnv } from "./env.ts";
import { recorderSettings } from "./settings.ts";

const settings = (environment: Record<string, string>) =>
  recorderSettings(
    videoRecorderEnv.parse({
      KAFKA_BOOTSTRAP_SERVERS: "k:9092",
      KAFKA_TOPIC_NAME: "FrontGATE1",
      KAFKA_CONSUMER_GROUP_ID: "g",
      ...environment,
    }),
  );

describe("recorderSettings", () => {
  it("makes one AVI at 10 frames a second in XVID of a single recording", () => {
    expect(settings({ MODE: "single" })).toEqual({
      video: { fps: 10, codec: "xvid", container: "avi", quality: "high" },
      maxSlots: Number.POSITIVE_INFINITY,
      maxBytes: Number.POSITIVE_INFINITY,
      maxGapUs: 3600e6,
      chunkSlots: 50,
    });
  });

  it("keeps frames as they are in segments of AVI and MKV, and makes H.264 of them in MP4", () => {
    expect(settings({ MODE: "segments" }).video).toMatchObject({ fps: 30, codec: "mjpeg", container: "avi" });
    expect(settings({ MODE: "segments", CONTAINER: "mkv" }).video.codec).toBe("mjpeg");
    expect(settings({ MODE: "segments", CONTAINER: "mp4" }).video.codec).toBe("h264");
    expect(settings({ MODE: "segments", SEGMENT_SECONDS: "60", SEGMENT_MB: "100" })).toMatchObject({
      maxSlots: 1800,
      maxBytes: 100e6,
    });
  });

  it.each([
    [{ MODE: "single", SEGMENT_MB: "5" }, "leave them out with MODE=single"],
    [{ MODE: "segments", CODEC: "mjpeg", CONTAINER: "mp4" }, "set CODEC=h264"],
  ])("refuses %j with what to change", (environment, reason) => {
    expect(() => settings(environment)).toThrow(reason);
  });
});
