import { describe, expect, it } from "vitest";
import { distance, suggestion } from "./suggest.ts";

describe("distance", () => {
  it.each([
    ["", "", 0],
    ["", "abc", 3],
    ["kitten", "sitting", 3],
    ["producer", "producers", 1],
    ["brokers", "borkers", 2],
  ])("%j to %j is %i", (a, b, expected) => {
    expect(distance(a, b)).toBe(expected);
    expect(distance(b, a)).toBe(expected);
  });
});

describe("suggestion", () => {
  const names = ["producers", "kafka.brokers", "kafka.replication", "classification.rate"];
  it.each([
    ["producer", "producers"],
    ["PRODUCERS", "producers"],
    ["replicaton", "kafka.replication"],
    ["kafka.borker", "kafka.brokers"],
    ["clasification.rate", "classification.rate"],
    ["colour", undefined],
    ["", undefined],
  ])("%j → %j", (given, expected) => {
    expect(suggestion(given, names)).toBe(expected);
  });
});
