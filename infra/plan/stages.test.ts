import { describe, expect, it } from "vitest";
import { parseConfig, planLab } from "../pipelines/all.ts";
import { coreStageCount, startStages } from "./stages.ts";

/** @param on the pipelines that are on, of those that are off by default */
function servicesOf(...on: string[]) {
  const enabled = Object.fromEntries(on.map((name) => [`${name}.enabled`, "true"]));
  return planLab(parseConfig({ ...enabled, "disk.budgetGB": "40" })).services;
}

describe("startStages", () => {
  it("begins with Kafka and the stores, and puts those that read from each other together", () => {
    expect(startStages(servicesOf())).toEqual([
      ["kafka-0", "kafka-1", "kafka-2", "postgres"],
      ["classification-classifier-1", "classification-producer-1"],
      ["classification-recorder-1"],
    ]);
  });

  it("begins with what coordinates Kafka where that is no broker, and has Kafka after it", () => {
    const of = (raw: Record<string, string>) =>
      planLab(parseConfig({ ...raw, "zookeeper.nodes": "1" })).services;
    const zookeeper = of({ "kafka.mode": "zookeeper", "kafka.version": "3.9" });
    expect(startStages(zookeeper).slice(0, 3)).toEqual([
      ["zookeeper-1", "postgres"],
      ["kafka-0", "kafka-1", "kafka-2"],
      ["classification-classifier-1", "classification-producer-1"],
    ]);
    expect(coreStageCount(zookeeper)).toBe(2);
    expect(coreStageCount(of({}))).toBe(1);
    expect(startStages(of({ "kafka.controllers": "1" })).slice(0, 2)).toEqual([
      ["kafka-controller-1", "postgres"],
      ["kafka-0", "kafka-1", "kafka-2"],
    ]);
  });

  it("has each service after those that it uses or reads from", () => {
    const stages = startStages(servicesOf("video", "grayscale", "sensors"));
    const at = (name: string) => stages.findIndex((stage) => stage.includes(name));
    const chains = [
      ["kafka-0", "video-camera-1", "video-producer-1", "video-frames"],
      ["kafka-0", "grayscale-grayscale-1", "grayscale-producer-1"],
      ["postgres", "sensors-simulator-1", "sensors-alerter-1", "sensors-store-1"],
    ];
    for (const chain of chains) {
      const places = chain.map(at);
      expect(places).not.toContain(-1);
      expect(places, chain.join()).toEqual([...new Set(places)].sort((a, b) => a - b));
    }
  });

  it("goes by what is used where topics lead in a circle", () => {
    const app = (name: string, uses: object) => ({ name, uses, plan: { name } as never });
    const stages = startStages([
      app("first", { writes: ["there"], reads: [{ topic: "back", group: "g" }], services: ["last"] }),
      app("last", { writes: ["back"], reads: [{ topic: "there", group: "g" }] }),
    ]);
    expect(stages).toEqual([["last"], ["first"]]);
  });

  it("has each service once, whatever uses what", () => {
    const services = servicesOf("video", "grayscale", "sensors");
    expect(startStages(services).flat().sort()).toEqual(services.map(({ name }) => name).sort());
  });
});
