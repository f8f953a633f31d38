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

const early: CameraFacts = { ...dead, camera: "early", sinceFrameMs: 3000 };

describe("appHealth", () => {
  it.each([
    ["all is well", [well], fine],
    ["a file has been played to its end", [ended], fine],
    ["one topic of several does not take frames", [refused, well], fine],
    ["one camera delivers and another has not had its time yet", [early, well], fine],
  ])("is well when %s", (_what, cameras, expected) => {
    expect(appHealth(cameras, patience)).toEqual(expected);
  });

  it("is starting until the first camera delivers, or has had its time to", () => {
    const cameras = { level: "failing", reason: "early: no frame yet, after 3 s" };
    expect(appHealth([early], patience)).toEqual({ ...fine, cameras });
  });

  it.each([
    ["one of several", [dead, well], "dead: no frame yet, after 60 s"],
    [
      "every one",
      [dead, stalled],
      "dead: no frame yet, after 60 s; stalled: no frame for 8 s: connection refused",
    ],
  ])("warns of %s that does not deliver, and does not fail for it", (_what, cameras, reason) => {
    expect(appHealth(cameras, patience)).toEqual({ ...fine, cameras: { level: "warning", reason } });
  });

  it("says that Kafka fails when it does for each camera that delivers, whatever it did for others before", () => {
    const reason =
      "refused: Kafka does not take frames: no such topic; waiting: Kafka has not acknowledged a frame for 30 s";
    expect(appHealth([refused, waiting, ended, stalled], patience).kafka).toEqual({
      level: "failing",
      reason,
    });
  });

  it("does not take Kafka for working before it has acknowledged a frame", () => {
    const kafka = { level: "failing", reason: "well: no frame acknowledged yet" };
    expect(appHealth([{ ...well, acknowledged: 0 }], patience)).toEqual({ ...fine, kafka });
  });
});
