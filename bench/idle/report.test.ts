import { expect, it } from "vitest";
import { report } from "./report.ts";

it("adds the engine to the containers and compares the sum with the goal", () => {
  const use = { throttled: 0, restarted: false, memoryMB: 100 };
  const text = report(
    [
      { name: "kafka-0", cores: 0.05, ...use },
      { name: "postgres", cores: 0.01, ...use },
    ],
    0.015,
    60,
  );
  expect(text).toMatch(/^kafka-0\s+50\.0$/m);
  expect(text).toMatch(/^all containers\s+60\.0$/m);
  expect(text).toMatch(/^the whole lab\s+75\.0$/m);
  expect(text).toContain("takes 0.075 cores; the goal is at most 0.15: 0.50 of the goal");
});
