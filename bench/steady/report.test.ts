import { describe, expect, it } from "vitest";
import type { Reading } from "../../scripts/latency/usage.ts";
import { memories, report } from "./report.ts";

const MB = 1024 ** 2;
/** A reading a minute: a container takes so many cores, and at each minute so much memory. */
const minutes = (containers: Record<string, (minute: number) => number>): Reading[][] =>
  Array.from({ length: 16 }, (_, minute) =>
    Object.entries(containers).map(([name, memoryMB]) => ({
      name,
      startedAt: "then",
      atMs: minute * 60_000,
      cpuNs: minute * 60e9 * 0.25,
      throttledNs: 0,
      memoryBytes: memoryMB(minute) * MB,
    })),
  );
const readings = minutes({
  leaks: (minute) => 100 + 4 * minute,
  breathes: (minute) => 100 + (minute % 4) * 10,
  fills: (minute) => 100 + Math.min(minute, 2) * 3,
});
const limits = new Map(["leaks", "breathes", "fills"].map((name) => [name, 256 * MB]));

describe("memory under load", () => {
  it("tells what grows without end from what breathes and what fills once", () => {
    const found = new Map(memories({ readings, limits }).map((each) => [each.name, each]));
    expect([...found].filter(([, { growing }]) => growing).map(([name]) => name)).toEqual(["leaks"]);
    expect(found.get("leaks")?.hoursLeft).toBeCloseTo((256 - 160) / 240, 1);
    expect((found.get("leaks")?.messagesPerSecond ?? 0) * 3600).toBeCloseTo(240);
  });

  it("says nothing of what was not there all the time", () => {
    const gone = readings.map((all, minute) => all.filter(({ name }) => name !== "fills" || minute < 5));
    expect(memories({ readings: gone, limits }).map(({ name }) => name)).toEqual(["breathes", "leaks"]);
  });
});

describe("the report", () => {
  it("has load beside rest, the engine's share, and what was wrong", () => {
    const rest = {
      engineCores: 0.01,
      used: [{ name: "leaks", cores: 0.002, throttled: 0, restarted: false, memoryMB: 100 }],
    };
    const text = report({ readings, limits, troubles: ["fills: unhealthy"], engineCores: 0.125 }, rest);
    expect(text).toMatch(/^leaks\s+0\.250\s+0\.002\s+100 → 160\s+256\s+240\.0 ± /m);
    expect(text).toMatch(/^all of it\s+0\.875\s+0\.012/m);
    expect(text).toContain("fills: unhealthy");
    expect(text).toMatch(/^leaks has \d+ MB more .* in 0\.4 h$/m);
  });

  it("says so when all was well", () => {
    const calm = minutes({ calm: (minute) => 100 + (minute % 2) });
    const text = report({ readings: calm, limits, troubles: [], engineCores: 0 }, undefined);
    expect(text).toContain("Every container was healthy the whole time");
    expect(text).toContain("No container's memory grows");
  });
});
