import { describe, expect, it } from "vitest";
import type { KafkaMessage, OutgoingMessage } from "../../common/kafka-message.ts";
import { createLogger } from "../../common/logging.ts";
import { createMetrics } from "../../common/metrics.ts";
import { limitsOf } from "./limits.ts";
import { alerterMeters } from "./meters.ts";
import { Monitor } from "./monitor.ts";
import { watchBatch } from "./work.ts";

const nowMs = Date.UTC(2026, 10, 21);
const log = createLogger({ app: "test", level: "fatal", environment: "test" });

function message(offset: number, value: unknown, label?: string): KafkaMessage {
  const time = new Date(nowMs + offset * 1000).toISOString();
  return {
    topic: "iot-sensor-data",
    partition: 0,
    offset: BigInt(offset),
    timestampMs: nowMs,
    key: undefined,
    value: Buffer.from(JSON.stringify({ device: "d", type: "humidity", value, time })),
    headers: new Map(label === undefined ? [] : [["anomaly", Buffer.from(label)]]),
  };
}

function alerter(send: (message: OutgoingMessage) => Promise<void>) {
  const monitor = new Monitor({ limits: limitsOf({}), lateMs: 60_000, aheadMs: 60_000, maxDevices: 10 });
  const metrics = createMetrics("test");
  const count = alerterMeters(metrics, monitor);
  const handle = watchBatch({ monitor, topic: "iot-alerts", send, count, log, now: () => nowMs });
  return { handle, text: () => metrics.registry.metrics() };
}

describe("watchBatch", () => {
  it("sends alerts by their device, hands back what is no reading, and counts both", async () => {
    const sent: OutgoingMessage[] = [];
    const { handle, text } = alerter(async (one) => void sent.push(one));
    const rejections = await handle([message(0, 50, "none"), message(1, "wet"), message(2, 99)]);
    expect(rejections.map(({ reason }) => reason)).toEqual([
      "reading: value: is neither a number nor true or false",
    ]);
    expect(sent.map(({ topic, key }) => [topic, key])).toEqual([["iot-alerts", "d"]]);
    expect(JSON.parse(String(sent[0]?.value))).toMatchObject({ kind: "high-humidity", state: "raised" });
    expect(await text()).toContain('sensors_readings_refused_total{reason="schema",app="test"} 1');
    expect(await text()).toContain('sensors_alerts_total{kind="high-humidity",state="raised",app="test"} 1');
    expect(await text()).toContain('sensors_alerts_raised{app="test"} 1');
  });

  it("loses no alert and no refusal of a batch that fails and comes again", async () => {
    const sent: OutgoingMessage[] = [];
    let fails = true;
    const { handle } = alerter(async (one) => {
      if (fails) throw new Error("Kafka is away");
      sent.push(one);
    });
    const batch = [message(0, 99), message(1, "wet")];
    await expect(handle(batch)).rejects.toThrow("Kafka is away");
    fails = false;
    expect(await handle(batch)).toHaveLength(1);
    expect(await handle([message(2, 99)])).toEqual([]);
    expect(sent).toHaveLength(1);
  });
});
