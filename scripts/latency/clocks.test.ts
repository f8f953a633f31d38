import { describe, expect, it } from "vitest";
import { type AppClock, aheadUs, describeClocks } from "./clocks.ts";

const clock = (app: string, offsetMs: number, host?: string, uncertaintyMs = 0.4): AppClock => ({
  app,
  host,
  offsetMs,
  uncertaintyMs,
});

describe("aheadUs", () => {
  it("is what two hosts' clocks differ by, however little that is", () => {
    expect(aheadUs(clock("c", 12.5, "vm4"), clock("p", 12.25, "vm1"))).toBe(250);
    expect(aheadUs(clock("c", -3, "vm4"), clock("p", 1, "vm1"))).toBe(-4000);
  });

  it("is nothing on one machine, unless its clock was set between the starts of the two", () => {
    expect(aheadUs(clock("c", 0.5), clock("p", -0.2))).toBe(0);
    expect(aheadUs(clock("c", 5000), clock("p", 0))).toBe(5_000_000);
    expect(aheadUs(clock("c", 3, "vm1"), clock("p", 0, "vm1"))).toBe(3000);
  });
});

describe("describeClocks", () => {
  it("says that one machine has one clock", () => {
    expect(describeClocks([])).toContain("share its clock");
    expect(describeClocks([clock("p", 0.3), clock("c", -0.3)])).toContain("share its clock");
  });

  it("names each app with its host, its offset and how sure that is", () => {
    const text = describeClocks([clock("p", -1.26, "vm1"), clock("c", 12, "vm4", 0.25)]);
    expect(text).toContain("p on vm1 −1.3 ± 0.4 ms, c on vm4 +12.0 ± 0.3 ms");
  });

  it("tells of a machine whose clock was set while its apps ran", () => {
    expect(describeClocks([clock("p", 0), clock("c", 5000)])).toContain(
      "p +0.0 ± 0.4 ms, c +5000.0 ± 0.4 ms",
    );
  });
});
