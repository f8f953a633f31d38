import { describe, expect, it } from "vitest";
import { parseConfig, planLab } from "./all.ts";

const all = ["classification", "video", "grayscale", "sensors", "logistics"];

/** The pipelines that have a service in a lab. */
function pipelinesOf(raw: Record<string, string>): string[] {
  const { services } = planLab(parseConfig(raw));
  const planned = services.flatMap(({ pipeline, plan }) => (plan === undefined ? [] : [pipeline]));
  return [...new Set(planned)].filter((name) => all.includes(name));
}

describe("pipelines", () => {
  it("are those of the list, whatever is on by default", () => {
    expect(pipelinesOf({})).toEqual(["classification"]);
    expect(pipelinesOf({ pipelines: "[sensors, logistics]" })).toEqual(["sensors", "logistics"]);
    expect(pipelinesOf({ pipelines: '["video"]' })).toEqual(["video"]);
    expect(pipelinesOf({ pipelines: "all" })).toEqual(all);
  });

  it("are what each enabled says while the list is empty", () => {
    expect(pipelinesOf({ pipelines: "", "classification.enabled": "false" })).toEqual([]);
    expect(pipelinesOf({ pipelines: "[]", "sensors.enabled": "true" })).toEqual([
      "classification",
      "sensors",
    ]);
  });

  it("may be said twice, if the same", () => {
    expect(pipelinesOf({ pipelines: "[sensors]", "sensors.enabled": "true" })).toEqual(["sensors"]);
  });

  it("are refused when said differently, with the command that agrees with the list", () => {
    expect(() => parseConfig({ pipelines: "[video]", "sensors.enabled": "true" })).toThrow(
      /sensors\.enabled is true: it contradicts pipelines, which leaves out sensors\n +fix: .*config set sensors\.enabled false/,
    );
    expect(() => parseConfig({ pipelines: "[classification]", "classification.enabled": "false" })).toThrow(
      /which has classification\n +fix: .*config set classification\.enabled true/,
    );
  });

  it("must be there", () => {
    expect(() => parseConfig({ pipelines: "[video, sensor]" })).toThrow(
      /names pipelines that are not there \(sensor\); there are classification, video, .*\n +fix: .*config set pipelines '\[video\]'/,
    );
    expect(() => parseConfig({ pipelines: "[sensor]" })).toThrow(/fix: .*config set pipelines ''/);
    expect(() => parseConfig({ pipelines: "video" })).toThrow(
      /pipelines is video: it must be all, a YAML list/,
    );
  });
});
