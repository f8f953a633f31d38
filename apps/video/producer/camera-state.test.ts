import { describe, expect, it } from "vitest";
import { appHealth, type CameraFacts } from "./camera-state.ts";

const patience = { frameMs: 5000, kafkaMs: 10_000 };
const well: CameraFacts = {
  camera: "well",
  sinceFrameMs: 30,
  frames: 100,
  unacknowledgedMs: 4,
  acknowledged: 99,
  refused: undefined,
  sourceProblem: undefined,
  ended: false,
};
const dead: CameraFacts = { ...well, camera: "dead", sinceFrameMs: 60_000, frames: 0, acknowledged: 0 };
const stalled: CameraFacts = {
  ...well,
  camera: "stalled",
  sinceFrameMs: 8000,
  sourceProblem: "connection refused",
};
const ended: CameraFacts = { ...well, camera: "file", sinceFrameMs: 1e6, ended: true };
const refused: CameraFacts = { ...well, camera: "refused", refused: "no such topic" };
const waiting: CameraFacts = { ...well, camera: "waiting", unacknowledgedMs: 30_000 };
const fine = { cameras: undefined, kafka: undefined };

describe("appHealth", () => {
  it.each([
    ["all is well", [well], fine],
    ["one camera of several is dead", [dead, well, stalled], fine],
    ["a file has been played to its end", [ended], fine],
    ["one topic of several does not take frames", [refused, well], fine],
  ])("is well when %s", (_what, cameras, expected) => {
    expect(appHealth(cameras, patience)).toEqual(expected);
  });

  it("names every camera and what is wrong with it when none delivers", () => {
    expect(appHealth([dead, stalled], patience).cameras).toBe(
      "dead: no frame yet, after 60 s; stalled: no frame for 8 s: connection refused",
    );
  });

  it("says that Kafka fails when it does for each camera that delivers, whatever it did for others before", () => {
    expect(appHealth([refused, waiting, ended, stalled], patience)).toEqual({
      cameras: undefined,
      kafka:
        "refused: Kafka does not take frames: no such topic; waiting: Kafka has not acknowledged a frame for 30 s",
    });
  });

  it("does not take Kafka for working before it has acknowledged a frame", () => {
    expect(appHealth([{ ...well, acknowledged: 0 }], patience).kafka).toBe("well: no frame acknowledged yet");
  });
});
