import { describe, expect, it } from "vitest";
import { countKinds, type Fate, problemsOf, type Started, unburied } from "./verdict.ts";

const fate = (more: Partial<Fate> = {}): Fate => ({
  topic: "images",
  kind: "zeros",
  taken: true,
  reasons: ["not an image"],
  ...more,
});
const lab: readonly Started[] = [{ name: "recorder", startedAt: "t0", health: "healthy" }];

describe("problemsOf", () => {
  it("is content with what was buried with a reason, or refused by Kafka", () => {
    const fates = [fate(), fate({ taken: false, reasons: [] })];
    expect(problemsOf(fates, lab, lab)).toEqual([]);
    expect(unburied(fates)).toBe(0);
  });

  it("names kinds that are missing among the dead letters, and letters without a reason", () => {
    const fates = [fate(), fate({ reasons: [] }), fate({ kind: "noise", reasons: [" "] })];
    expect(problemsOf(fates, lab, lab)).toEqual([
      "images: of 2 with zeros, 1 are dead letters",
      "1 dead letters have no reason",
    ]);
    expect(unburied(fates)).toBe(1);
  });

  it("names containers that were started again or are not healthy", () => {
    const after = [{ name: "recorder", startedAt: "t1", health: "starting" }];
    expect(problemsOf([fate()], lab, after)).toEqual(["recorder was started again", "recorder is starting"]);
  });
});

describe("countKinds", () => {
  it("counts by topic and kind, with an example", () => {
    const fates = [fate(), fate({ topic: "frames" }), fate({ taken: false, reasons: [] })];
    expect(countKinds(fates)).toEqual([
      { topic: "images", kind: "zeros", sent: 2, refusedByKafka: 1, buried: 1, example: "not an image" },
      { topic: "frames", kind: "zeros", sent: 1, refusedByKafka: 0, buried: 1, example: "not an image" },
    ]);
  });
});
