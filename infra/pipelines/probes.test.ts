import { describe, expect, it } from "vitest";
import { imageRow } from "../../apps/classification/recorder/rows.ts";
import type { KafkaMessage } from "../../apps/common/kafka-message.ts";
import { decodeVideo } from "../../apps/media/frame.ts";
import { parseReading } from "../../apps/sensors/reading.ts";
import { fillIn, probeSchema, probeValue } from "../../lib/probe.ts";
import { parseConfig, planLab } from "./all.ts";

const cameras = JSON.stringify([
  { name: "yard", url: "test", topic: "yard" },
  { name: "gate", url: "test", topic: "gate", format: "json" },
]);
const config = parseConfig({
  "video.enabled": "true",
  "video.cameras": cameras,
  "grayscale.enabled": "true",
  "sensors.enabled": "true",
  "disk.budgetGB": "60",
});
const probes = planLab(config).pipelines.flatMap(({ plan }) => plan.probes ?? []);

/** The message that a drill sends. */
function sent(topic: string): KafkaMessage {
  const probe = probes.find((one) => one.topic === topic);
  if (probe === undefined) throw new Error(`no probe of ${topic}`);
  const values = { run: "drill-1", seq: 17, lane: 3, us: 1_700_000_000_000_000 };
  const headers = Object.entries(probe.headers).map(
    ([name, text]) => [name, Buffer.from(fillIn(text, values))] as const,
  );
  return {
    topic,
    partition: 0,
    offset: 0n,
    timestampMs: 0,
    key: Buffer.from(fillIn(probe.key, values)),
    value: probeValue(probe, values),
    headers: new Map(headers),
  };
}

describe("probes", () => {
  it("are of every topic that something is sent to from outside, and are data", () => {
    expect(probes.map(({ topic }) => topic).sort()).toEqual([
      "gate",
      "images",
      "iot-sensor-data",
      "video-frames",
      "yard",
    ]);
    for (const probe of probes) expect(probeSchema.parse(JSON.parse(JSON.stringify(probe)))).toEqual(probe);
  });

  it("name what the lab has: topics and services", () => {
    const plan = planLab(config);
    const names = new Set([...plan.topics, ...plan.services].map(({ name }) => name));
    for (const { ends } of probes)
      for (const end of ends) {
        if (end.kind === "topic") expect(names).toContain(end.topic);
        if (end.kind === "files") expect(names).toContain(end.service);
      }
  });

  it("make messages that the apps take", () => {
    expect(imageRow(sent("images"), 1000, { fromMs: 0, toMs: Date.now() })).toMatchObject({
      id: "drill-1.17",
      producer: "drill-1",
      device: 3,
    });
    const clock = { nowMs: 1_700_000_000_000, lateMs: 0, aheadMs: 0 };
    expect(parseReading(sent("iot-sensor-data").value, clock)).toEqual({
      device: "drill-1.17",
      type: "motion",
      value: 1,
      timeMs: 1_700_000_000_000,
    });
    for (const topic of ["yard", "video-frames"]) {
      expect(decodeVideo(sent(topic), "jpeg")).toMatchObject({
        camera: "drill-1-3",
        run: "drill-1",
        seq: 17,
        capturedUs: 1_700_000_000_000_000,
      });
    }
    expect(decodeVideo(sent("gate"), "json")).toMatchObject({ kind: "frame", seq: 17 });
  });
});
