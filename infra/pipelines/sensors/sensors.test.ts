import { describe, expect, it } from "vitest";
import { problemsOf } from "../../testing/problems.ts";
import { parseConfig, planLab } from "../all.ts";

const on = { "classification.enabled": "false", "sensors.enabled": "true" };
const planOf = (config: Record<string, string> = {}) => planLab(parseConfig({ ...on, ...config }));

describe("the sensors pipeline", () => {
  it("has its apps, and both its topics three times on six partitions", () => {
    const { services, topics } = planOf();
    expect(services.filter(({ pipeline }) => pipeline === "sensors").map(({ name }) => name)).toEqual([
      "sensors-store-1",
      "sensors-simulator-1",
      "sensors-alerter-1",
    ]);
    expect(
      topics.map(({ name, partitions, replication, minInsync }) => [
        name,
        partitions,
        replication,
        minInsync,
      ]),
    ).toEqual([
      ["iot-sensor-data", 6, 3, 2],
      ["iot-alerts", 6, 3, 2],
      ["iot-sensor-data.dlq", 1, 3, 2],
      ["iot-alerts.dlq", 1, 3, 2],
    ]);
  });

  it("moves no port when alerters come or go, and has no simulator for real devices alone", () => {
    const portsOf = (config: Record<string, string>) =>
      planOf(config).ports.filter(({ key }) => key === "sensors.port");
    expect(portsOf({ "sensors.alerters": "3" }).slice(0, 3)).toEqual(portsOf({}));
    expect(planOf({ "sensors.devices": "0" }).services.map(({ role }) => role)).not.toContain("simulator");
  });

  it("hands thresholds to alerters as they are set", () => {
    const { services } = planOf({
      "sensors.thresholds": "{high-humidity: {above: 85}, motion: {holdSeconds: 60}}",
    });
    const alerter = services.find(({ role }) => role === "alerter");
    const env = alerter?.plan?.env({
      bootstrapServers: ["kafka-0:9092"],
      http: { HTTP_HOST: "0.0.0.0", HTTP_PORT: 8080 },
      postgres: () => Promise.reject() as never,
      documents: () => Promise.reject() as never,
      mqtt: () => Promise.reject() as never,
      peer: () => "",
      secret: () => "",
    });
    expect(JSON.parse(env?.THRESHOLDS ?? "")).toEqual({
      "high-humidity": { above: 85 },
      motion: { holdSeconds: 60 },
    });
  });

  it.each([
    [{ "sensors.thresholds": "{high-humidty: {above: 85}}" }, /high-humidty/],
    [{ "sensors.thresholds": "{low-light: {above: 85}}" }, /low-light/],
    [{ "sensors.alerters": "7" }, /at most sensors.partitions, which is 6/],
    [{ "sensors.keepDays": "40" }, /sensors.keepMinutesDays.*at least sensors.keepDays, which is 40/s],
    [{ "sensors.anomalyProbability": "5" }, /from 0 to 1/],
  ])("refuses %j", (config, reason) => {
    expect(problemsOf(() => planOf(config))).toMatch(reason);
  });
});
