import { describe, expect, it } from "vitest";
import type { KafkaMessage } from "../../common/kafka-message.ts";
import { limitsOf } from "./limits.ts";
import { Monitor } from "./monitor.ts";

const startMs = Date.UTC(2026, 10, 21);
const limits = limitsOf({});
const monitor = (maxDevices = 10) => new Monitor({ limits, lateMs: 86_400_000, aheadMs: 60_000, maxDevices });

/** Messages of one partition, from an offset on, a second from one to the next. */
function messages(
  values: readonly (number | string)[],
  { from = 0, device = "d", type = "temperature", label = "none" } = {},
): KafkaMessage[] {
  return values.map((value, index) => {
    const time = new Date(startMs + (from + index) * 1000).toISOString();
    const text = typeof value === "string" ? value : JSON.stringify({ device, type, value, time });
    return {
      topic: "iot-sensor-data",
      partition: 0,
      offset: BigInt(from + index),
      timestampMs: startMs,
      key: Buffer.from(device),
      value: Buffer.from(text),
      headers: new Map([["anomaly", Buffer.from(label)]]),
    };
  });
}

describe("Monitor", () => {
  it("raises an alert and clears it, under one id that the readings give", () => {
    const { alerts } = monitor().watch(messages([20, 36, 37, ...Array<number>(11).fill(30)]), startMs);
    expect(alerts).toEqual([
      {
        id: "extreme-temperature/d/2026-11-21T00:00:01.000Z",
        kind: "extreme-temperature",
        state: "raised",
        device: "d",
        type: "temperature",
        value: 36,
        time: "2026-11-21T00:00:01.000Z",
        since: "2026-11-21T00:00:01.000Z",
        detail: "36 °C is above 35 °C",
      },
      expect.objectContaining({
        id: "extreme-temperature/d/2026-11-21T00:00:01.000Z",
        state: "cleared",
        value: 30,
        time: "2026-11-21T00:00:13.000Z",
        detail: "30 °C is in order",
      }),
    ]);
  });

  it("tells of nothing twice when messages come again, but refuses again what it refused", () => {
    const watching = monitor();
    const batch = messages([20, 36, "{}"]);
    const first = watching.watch(batch, startMs);
    const again = watching.watch(batch, startMs);
    expect([first.alerts.length, first.outcomes.length, first.refusals]).toEqual([1, 2, ["schema"]]);
    expect([again.alerts.length, again.outcomes.length, again.refusals]).toEqual([0, 0, []]);
    expect(again.rejections).toEqual(first.rejections);
  });

  it("goes on behind what it refuses", () => {
    const { alerts, rejections } = monitor().watch(messages([20, "NaN", "{", 36]), startMs);
    expect(rejections.map(({ message: { offset } }) => offset)).toEqual([1n, 2n]);
    expect(alerts).toHaveLength(1);
  });

  it("passes over readings that are no later than the last of their device", () => {
    const watching = monitor();
    watching.watch(messages([20, 20, 20]), startMs);
    const late = messages([99], { from: 3 }).map((message) => ({
      ...message,
      value: messages([99], { from: 1 })[0]?.value,
    }));
    const { alerts, outcomes } = watching.watch(late, startMs);
    expect(alerts).toEqual([]);
    expect(outcomes).toMatchObject([{ fate: "late" }]);
  });

  it("finds by what a device sent before what no threshold finds, and says whether its label agrees", () => {
    const watching = monitor();
    const usual = Array.from({ length: 60 }, (_, i) => 20 + ((i * 7) % 5) / 10);
    expect(watching.watch(messages(usual), startMs).alerts).toEqual([]);
    const { alerts, outcomes } = watching.watch(messages([24], { from: 60, label: "spike" }), startMs);
    expect(alerts).toMatchObject([{ kind: "anomaly", state: "raised", type: "temperature", value: 24 }]);
    expect(alerts[0]?.detail).toMatch(/^\d+\.\d robust standard deviations/);
    expect(outcomes).toEqual([{ type: "temperature", fate: "judged", anomalous: true, truth: true }]);
  });

  it("knows so many devices at most", () => {
    const watching = monitor(3);
    for (let i = 0; i < 10; i += 1) watching.watch(messages([36], { from: i, device: `d${i}` }), startMs);
    expect([watching.devices, watching.raised]).toEqual([3, 3]);
  });
});
