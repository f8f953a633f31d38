import { describe, expect, it } from "vitest";
import { mqttAcl, mqttUsers } from "../../plan/mqtt.ts";
import type { Wiring } from "../../plan/parts.ts";
import { problemsOf } from "../../testing/problems.ts";
import { parseConfig, planLab } from "../all.ts";

const on = { "classification.enabled": "false", "logistics.enabled": "true" };
const planOf = (config: Record<string, string> = {}) => planLab(parseConfig({ ...on, ...config }));

const wiring: Wiring = {
  bootstrapServers: ["kafka-0:9092"],
  http: { HTTP_HOST: "0.0.0.0", HTTP_PORT: 8080 },
  postgres: () => {
    throw new Error("it uses no PostgreSQL");
  },
  documents: () => ({
    DOCUMENTS_HOST: "documents",
    DOCUMENTS_PORT: 27_017,
    DOCUMENTS_DB: "edgelab",
    DOCUMENTS_USER: "edgelab",
    DOCUMENTS_PASSWORD_FILE: "/run/secrets/documents-password",
  }),
  mqtt: () => ({
    MQTT_HOST: "mqtt",
    MQTT_PORT: 1883,
    MQTT_USER: "some",
    MQTT_PASSWORD_FILE: "/run/secrets/mqtt-password",
  }),
  peer: () => "",
  secret: () => "",
};

/** The environment of a service, as its app gets it. */
function envOf(service: string, config: Record<string, string> = {}) {
  return planOf(config)
    .services.find(({ name }) => name === service)
    ?.plan?.env(wiring);
}

describe("the logistics pipeline", () => {
  it("has its apps, the stores that they use and no other, and its topics", () => {
    const { services, topics, images } = planOf();
    expect(services.map(({ name, role }) => `${name} ${role}`).slice(3)).toEqual([
      "documents documents",
      "mqtt mqtt",
      "logistics-bridge-1 bridge",
      "logistics-analyser-1 analyser",
      "logistics-sensor-1 sensor",
      "logistics-sensor-2 sensor",
      "mongo-express mongo-express",
    ]);
    expect(topics.map(({ name }) => name)).toEqual([
      "Image",
      "analytics_results",
      "Image.dlq",
      "analytics_results.dlq",
    ]);
    expect(images.map(({ name }) => name)).toEqual([
      "kafka",
      "kafka-4.2",
      "documents",
      "mosquitto",
      "node",
      "logistics-bridge",
      "logistics-analyser",
      "logistics-sensor",
      "mongo-express",
      "consoles-documents",
    ]);
  });

  it("lets each role publish and subscribe to what is its own, under the topic's name", () => {
    const { services } = planOf({ "logistics.topic": "crowd", "logistics.sensors": "5" });
    expect(mqttAcl(mqttUsers(services), "me").split("\n")).toEqual([
      "user me",
      "topic readwrite #",
      "",
      "user logistics-bridge",
      "topic read crowd/+/+",
      "",
      "user logistics-sensor",
      "topic write crowd/+/+",
    ]);
  });

  it("lets its peers in on other machines, where they use what is there", () => {
    const { peers } = planOf({
      target: "ssh",
      "ssh.hosts": JSON.stringify([1, 2, 3, 4].map((n) => ({ name: `m${n}`, address: `10.0.0.${n}` }))),
      placement: "{broker: m1, documents: m2, mqtt: m2, bridge: m3, analyser: m3, sensor: m4}",
    });
    const rows = peers.filter(({ host }) => host === "m2");
    expect(rows.map(({ service, port, from }) => [service, port, from])).toEqual([
      ["documents", 27_017, ["m3"]],
      ["mqtt", 1883, ["m3", "m4"]],
    ]);
  });

  it("moves no port and changes no sibling when sensors come or go", () => {
    const portsOf = (config: Record<string, string>) =>
      planOf(config).ports.filter(({ key }) => key === "logistics.sensorPort");
    expect(portsOf({ "logistics.sensors": "4", "logistics.bridges": "3" }).slice(0, 2)).toEqual(portsOf({}));
    const more = { "logistics.sensors": "4" };
    for (const service of ["logistics-sensor-1", "logistics-bridge-1"])
      expect(envOf(service, more)).toEqual(envOf(service));
  });

  it("hands the file and what is in it to its apps as it is set", () => {
    const config = {
      "logistics.csv": "mine.csv",
      "logistics.delimiter": "tab",
      "logistics.timeColumn": "when",
      "logistics.fields": "{value: visitors}",
    };
    expect(envOf("logistics-sensor-2", config)).toMatchObject({
      SENSOR_ID: "sensor-2",
      CSV_FILE: "/data/readings.csv",
      CSV_DELIMITER: "\t",
      CSV_TIME_COLUMN: "when",
    });
    expect(JSON.parse(envOf("logistics-bridge-1", config)?.FIELDS ?? "")).toMatchObject({
      value: "visitors",
    });
    const file = planOf(config).services.find(({ name }) => name === "logistics-sensor-2")?.plan?.files;
    expect(file).toEqual([
      { kind: "file", file: "mine.csv", key: "logistics.csv", path: "/data/readings.csv" },
    ]);
  });

  it("waits for no readings where all devices are somebody else's", () => {
    const flows = (config: Record<string, string>) =>
      planOf(config).services.flatMap(({ plan }) => plan?.flows ?? []);
    expect(flows({})).toEqual(["logistics_readings_bridged_total"]);
    expect(flows({ "logistics.sensors": "0" })).toEqual([]);
  });

  it("shares readings among analysers, each with models of its own or in a folder of the user's", () => {
    const filesOf = (config: Record<string, string>) =>
      planOf({ "logistics.analysers": "2", ...config }).services.flatMap(({ role, plan }) =>
        role === "analyser" ? (plan?.files ?? []) : [],
      );
    expect(filesOf({})).toEqual(
      [1, 2].map((n) => ({ kind: "volume", name: `logistics-analyser-${n}-models`, path: "/models" })),
    );
    expect(filesOf({ "logistics.models": "mine" })).toMatchObject([
      { kind: "folder", folder: "mine/analyser-1", path: "/models" },
      { kind: "folder", folder: "mine/analyser-2", path: "/models" },
    ]);
    const config = {
      "logistics.topic": "crowd",
      "logistics.refitMinutes": "5",
      "logistics.modelForm": "log",
    };
    expect(envOf("logistics-analyser-1", config)).toMatchObject({
      ANALYSER_NAME: "logistics-analyser-1",
      KAFKA_TOPIC_NAME: "crowd",
      MODEL_PATH: "/models",
      REFIT_MINUTES: "5",
      MODEL_FORM: "log",
      DOCUMENTS_PASSWORD_FILE: "/run/secrets/documents-password",
    });
  });

  it.each([
    [{ "logistics.analysers": "4" }, /at most logistics.partitions, which is 3/],
    [{ "logistics.topic": "a/b" }, /must be a name that Kafka takes/],
    [{ "logistics.topic": "analytics_results" }, /must not be analytics_results/],
    [{ "logistics.topic": "images", "classification.enabled": "true" }, /two topics of the name images/],
    [{ "logistics.times": "file" }, /must be shifted for the demo file/],
    [{ "logistics.bridges": "9" }, /from 1 to 8/],
    [{ "logistics.fields": "{valu: x}" }, /valu/],
  ])("refuses %j", (config, reason) => {
    expect(problemsOf(() => planOf(config))).toMatch(reason);
  });
});
