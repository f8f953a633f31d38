import { describe, expect, it } from "vitest";
import { describeRescale } from "./run.ts";

describe("describeRescale", () => {
  it("counts what was touched of producers, and names everything else", () => {
    const change = (op: string, type: string, name: string) => ({ op, type, name });
    const deployment = {
      seconds: 8,
      changes: [
        change("create", "edgelab:index:Service", "classification-producer-2"),
        change("create", "docker:index/container:Container", "classification-producer-2"),
        change("create", "edgelab:index:Service", "classification-producer-3"),
        change("update", "docker:index/container:Container", "kafka-0"),
      ],
    };
    expect(describeRescale(1, 3, deployment)).toEqual({
      from: 1,
      to: 3,
      upSeconds: 8,
      touched: ["2 × create Service", "1 × create Container"],
      others: ["update kafka-0"],
    });
  });
});
