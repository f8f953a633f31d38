import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConfig, planLab } from "../pipelines/all.ts";
import { freeRun, overlap } from "./ports.ts";

const portsOf = (raw: Record<string, string>) => planLab(parseConfig(raw)).ports;

describe("the published ports", () => {
  it("number brokers from 0 and apps from 1, each from its own base", () => {
    const ports = portsOf({ producers: "2", "kafka.brokers": "3", "ports.offset": "100" });
    expect(ports).toEqual([
      { service: "kafka-0", key: "kafka.outsidePort", port: 29_192 },
      { service: "kafka-1", key: "kafka.outsidePort", port: 29_193 },
      { service: "kafka-2", key: "kafka.outsidePort", port: 29_194 },
      { service: "postgres", key: "postgres.port", port: 15_532 },
      { service: "classification-classifier-1", key: "classification.classifierPort", port: 8600 },
      { service: "classification-recorder-1", key: "classification.recorderPort", port: 8800 },
      { service: "classification-producer-1", key: "classification.producerPort", port: 9701 },
      { service: "classification-producer-2", key: "classification.producerPort", port: 9702 },
    ]);
  });

  it("have none of a pipeline that is switched off, nor of a store that nothing uses", () => {
    const services = portsOf({ "classification.enabled": "false" }).map(({ service }) => service);
    expect(services).toEqual(["kafka-0", "kafka-1", "kafka-2"]);
  });

  it("leave every other port where it is when producers are added", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 64 }), fc.integer({ min: 0, max: 64 }), (some, others) => {
        const [fewer, more] = [some, others]
          .sort((a, b) => a - b)
          .map((producers) => portsOf({ producers: String(producers), "disk.budgetGB": "100" }));
        expect(more?.slice(0, fewer?.length)).toEqual(fewer);
      }),
    );
  });
});

describe("freeRun", () => {
  const range = fc.record({
    first: fc.integer({ min: 1, max: 300 }),
    count: fc.integer({ min: 1, max: 20 }),
  });

  it("finds a run that overlaps nothing, at or above the lowest port", () => {
    fc.assert(
      fc.property(
        fc.array(range),
        fc.integer({ min: 1, max: 20 }),
        range,
        (taken, count, { first: from }) => {
          const first = freeRun(taken, count, from, 50);
          if (first === undefined) throw new Error("most ports are free");
          expect(first).toBeGreaterThanOrEqual(50);
          expect(taken.some((other) => overlap(other, { first, count }))).toBe(false);
        },
      ),
    );
  });

  it("starts over from the lowest port at the end of the range", () => {
    expect(freeRun([{ first: 65_535, count: 1 }], 1, 65_535, 1024)).toBe(1024);
  });

  it("finds nothing where nothing is free", () => {
    expect(freeRun([{ first: 1, count: 65_535 }], 1, 1, 1)).toBeUndefined();
  });
});
