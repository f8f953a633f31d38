import { describe, expect, it } from "vitest";
import { parseConfig, planLab } from "../pipelines/all.ts";
import { networksOf } from "./networks.ts";

const servicesOf = (raw: Record<string, string>) => planLab(parseConfig(raw)).services;

describe("networks", () => {
  const services = servicesOf({ pipelines: "all" });
  const on = (network: string, of = services) =>
    of.filter((service) => networksOf(service, of).includes(network)).map(({ name }) => name);

  it("let a store be reached by those who use it, and by nobody else", () => {
    expect(on("postgres-network")).toEqual(["postgres", "classification-recorder-1", "sensors-store-1"]);
    expect(on("mqtt-network").filter((name) => !name.startsWith("logistics-"))).toEqual(["mqtt"]);
    expect(on("documents-network").sort()).toEqual([
      "documents",
      "logistics-analyser-1",
      "logistics-bridge-1",
      "mongo-express",
    ]);
  });

  it("let ZooKeeper be reached by brokers and by nobody else", () => {
    const all = servicesOf({ "kafka.mode": "zookeeper", "kafka.version": "3.9" });
    const ensemble = ["zookeeper-1", "zookeeper-2", "zookeeper-3"];
    expect(on("zookeeper-network", all)).toEqual([...ensemble, "kafka-0", "kafka-1", "kafka-2"]);
    expect(on("network", all).filter((name) => ensemble.includes(name))).toEqual([]);
  });

  it("let all others reach Kafka", () => {
    const stores = ["postgres", "documents", "mqtt"];
    expect(on("network")).toEqual(services.map(({ name }) => name).filter((name) => !stores.includes(name)));
  });
});
