import { describe, expect, it } from "vitest";
import { quotaProblems, type Taken } from "./quota.ts";

const taken = (instances: number): Taken => ({
  instances,
  cores: 2 * instances,
  memoryMB: 4096 * instances,
});

describe("quotaProblems", () => {
  it("finds room up to the very last VM, its own ones not counted twice", () => {
    expect(quotaProblems({ max: taken(10), used: taken(6) }, taken(0), taken(4))).toEqual([]);
    expect(quotaProblems({ max: taken(4), used: taken(4) }, taken(4), taken(4))).toEqual([]);
  });

  it("tells each limit that is passed, with what others have", () => {
    expect(quotaProblems({ max: taken(10), used: taken(9) }, taken(3), taken(5))).toEqual([
      "10 VMs, of which others have 6, and the lab's VMs take 5",
      "20 virtual cores, of which others have 12, and the lab's VMs take 10",
      "40960 MB of memory, of which others have 24576, and the lab's VMs take 20480",
    ]);
  });

  it("takes -1 for no limit", () => {
    const max = { instances: -1, cores: -1, memoryMB: 8192 };
    expect(quotaProblems({ max, used: taken(0) }, taken(0), taken(100))).toHaveLength(1);
  });
});
