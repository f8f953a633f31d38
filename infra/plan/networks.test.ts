import { describe, expect, it } from "vitest";
import { parseConfig, planLab } from "../pipelines/all.ts";
import { networksOf } from "./networks.ts";

describe("networks", () => {
  const { services } = planLab(parseConfig({ pipelines: "all" }));
  const on = (network: string) =>
    services.filter((service) => networksOf(service).includes(network)).map(({ name }) => name);

  it("let a store be reached by those who use it, and by nobody else", () => {
    expect(on("postgres-network")).toEqual(["postgres", "classification-recorder-1", "sensors-store-1"]);
    expect(on("mqtt-network").filter((name) => !name.startsWith("logistics-"))).toEqual(["mqtt"]);
    expect(on("documents-network").sort()).toEqual([
      "documents",
      "logistics-analyser-1",
      "logistics-bridge-1",
    ]);
  });

  it("let all others reach Kafka", () => {
    const stores = ["postgres", "documents", "mqtt"];
    expect(on("network")).toEqual(services.map(({ name }) => name).filter((name) => !stores.includes(name)));
  });
});
