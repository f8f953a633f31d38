import { describe, expect, it } from "vitest";
import { type Reading, toReading, useBetween } from "./usage.ts";

const reading = (more: Partial<Reading>): Reading => ({
  name: "classifier",
  startedAt: "2026-01-01T00:00:00Z",
  atMs: 1000,
  cpuNs: 5e9,
  throttledNs: 1e9,
  memoryBytes: 64 * 1024 ** 2,
  ...more,
});

describe("toReading", () => {
  const cpu_stats = { cpu_usage: { total_usage: 7 } };
  const read = "2026-01-01T00:00:00.000Z";

  it.each([
    ["cgroup v2", { inactive_file: 100, active_file: 30, anon: 70 }],
    ["cgroup v1", { total_inactive_file: 100, total_active_file: 30, total_rss: 70 }],
  ])("leaves out pages of files, used lately or not: %s", (_version, stats) => {
    const { memoryBytes } = toReading({ read, cpu_stats, memory_stats: { usage: 200, stats } });
    expect(memoryBytes).toBe(70);
  });

  it("has nothing to leave out where the kernel does not say", () => {
    expect(toReading({ read, cpu_stats, memory_stats: { usage: 200 } }).memoryBytes).toBe(200);
  });
});

describe("useBetween", () => {
  it("is what the counters went on by, per time between the readings", () => {
    const later = reading({ atMs: 11_000, cpuNs: 10e9, throttledNs: 2e9, memoryBytes: 32 * 1024 ** 2 });
    expect(useBetween([reading({})], [later])).toEqual([
      { name: "classifier", cores: 0.5, throttled: 0.1, restarted: false, memoryMB: 64 },
    ]);
  });

  it("counts from the start of a process that was started in between, and says so", () => {
    const later = reading({ startedAt: "2026-01-01T00:00:09Z", atMs: 11_000, cpuNs: 1e9, throttledNs: 0 });
    expect(useBetween([reading({})], [later])).toMatchObject([{ cores: 0.1, throttled: 0, restarted: true }]);
  });

  it("leaves out what was not there at both ends, and sorts by name", () => {
    const [b, a] = [reading({}), reading({ name: "a" })];
    expect(useBetween([b, a], [b, a, reading({ name: "new" })]).map(({ name }) => name)).toEqual([
      "a",
      "classifier",
    ]);
  });
});
