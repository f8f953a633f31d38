import { describe, expect, it } from "vitest";
import { describeClocks } from "./lab-link.ts";

describe("describeClocks", () => {
  it("says that one machine has one clock", () => {
    expect(describeClocks([])).toContain("share its clock");
  });

  it("names each host with its offset and how sure that is", () => {
    const text = describeClocks([
      { host: "vm1", offsetMs: -1.26, uncertaintyMs: 0.4 },
      { host: "vm4", offsetMs: 12, uncertaintyMs: 0.25 },
    ]);
    expect(text).toContain("vm1 −1.3 ± 0.4 ms, vm4 +12.0 ± 0.3 ms");
  });
});
