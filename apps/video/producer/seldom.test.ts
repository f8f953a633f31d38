import { describe, expect, it } from "vitest";
import { Seldom } from "./seldom.ts";

describe("Seldom", () => {
  it("tells of the first event, and of the next after a while with how many there were", () => {
    const told: string[] = [];
    const seldom = new Seldom(1000);
    const at = (kind: string, nowMs: number) =>
      seldom.tell(kind, (times) => told.push(`${kind} ${times}`), nowMs);
    for (const nowMs of [0, 400, 999]) at("a", nowMs);
    at("b", 500);
    at("a", 1000);
    expect(told).toEqual(["a 1", "b 1", "a 3"]);
  });
});
