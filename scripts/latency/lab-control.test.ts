import { describe, expect, it } from "vitest";
import { changesIn } from "./lab-control.ts";

const container = "docker:index/container:Container";

/** A line of the log for the end of one step. */
function ended(op: string, name: string): string {
  const urn = `urn:pulumi:dev::edgelab::edgelab:index:Service$${container}::${name}`;
  return JSON.stringify({
    sequence: 7,
    timestamp: 1,
    resOutputsEvent: { metadata: { op, urn, type: container } },
  });
}

describe("changesIn", () => {
  it("tells what was touched, in order, a replacement once and what stayed not at all", () => {
    const log = [
      JSON.stringify({ sequence: 0, timestamp: 1, preludeEvent: { config: {} } }),
      ended("same", "kafka-0"),
      ended("create-replacement", "kafka-1"),
      ended("replace", "kafka-1"),
      ended("delete-replaced", "kafka-1"),
      ended("refresh", "kafka-2"),
      ended("create", "classification-producer-2"),
      JSON.stringify({ sequence: 9, timestamp: 2, summaryEvent: { maybeCorrupt: false } }),
    ];
    expect(changesIn(`${log.join("\n")}\n`)).toEqual([
      { op: "replace", type: container, name: "kafka-1" },
      { op: "create", type: container, name: "classification-producer-2" },
    ]);
  });

  it("finds nothing in the log of an update that did nothing", () => {
    expect(changesIn("")).toEqual([]);
  });
});
