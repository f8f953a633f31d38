import { expect, it } from "vitest";
import { report } from "./report.ts";

it("has each value's figures, and their ratios to the first one", () => {
  const lines = report([
    { flush: "off", latenciesMs: [2, 4, 1], perSecond: 4000 },
    { flush: "message", latenciesMs: [12, 10, 8], perSecond: 1000 },
  ]).split("\n");
  expect(lines[2]).toMatch(/^off +2 \(1\.00\) +4 \(1\.00\) +4000 \(1\.00\)$/);
  expect(lines[3]).toMatch(/^message +10 \(5\.00\) +12 \(3\.00\) +1000 \(0\.25\)$/);
});
