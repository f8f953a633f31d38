import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { demoLines } from "./make.ts";

describe("the demo file", () => {
  it("is what its script makes", () => {
    const there = readFileSync(join(import.meta.dirname, "players.csv"), "utf8");
    expect(`${demoLines(1).join("\n")}\n`).toBe(there);
  });

  it("has days: many in the evening, few before dawn, and most of all on Saturday", () => {
    const players = demoLines(7)
      .slice(1)
      .map((line) => Number(line.split(",")[1]));
    const of = (day: number, hour: number) => players[(day * 24 + hour) * 12] ?? Number.NaN;
    for (let day = 0; day < 14; day += 1) expect(of(day, 21)).toBeGreaterThan(3 * of(day, 5));
    expect(of(5, 21)).toBeGreaterThan(1.2 * of(1, 21));
    expect(Math.min(...players)).toBeGreaterThan(0);
  });
});
