import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { createMetrics } from "../common/metrics.ts";
import { DiskGuard, type FreeSpace, freeSpace } from "./disk-guard.ts";

function openGuard() {
  const disk: { free: FreeSpace; asked: number } = { free: { bytes: 0, files: undefined }, asked: 0 };
  const lines: { level: number }[] = [];
  const states: (string | undefined)[] = [];
  const metrics = createMetrics("test");
  const guard = new DiskGuard({
    folder: "/output",
    minFreeBytes: 100e6,
    everyMs: 5,
    free: async () => {
      disk.asked += 1;
      return disk.free;
    },
    log: pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) }),
    metrics,
    onState: (problem) => states.push(problem),
  });
  return { guard, disk, lines, states, metrics };
}

const { signal } = new AbortController();
const free = (bytes: number, files?: number): FreeSpace => ({ bytes, files });

describe("DiskGuard", () => {
  it("waits while there is too little, alerts once with the reason, and goes on by itself", async () => {
    const { guard, disk, lines, states, metrics } = openGuard();
    disk.free = free(99e6);
    let passed = false;
    const ready = guard.ready(signal).then(() => {
      passed = true;
    });
    await expect.poll(() => disk.asked).toBeGreaterThan(3);
    // Enough to begin with is not enough to go on with.
    disk.free = free(105e6);
    const asked = disk.asked;
    await expect.poll(() => disk.asked).toBeGreaterThan(asked + 3);
    expect(passed).toBe(false);
    expect(states.at(-1)).toMatch(/^\/output has 105.0 MB free, 110.0 MB are needed; make room or lower/);
    expect(await metrics.registry.metrics()).toMatch(/output_low_space\{\S* 1/);
    disk.free = free(111e6);
    await ready;
    expect(states.at(-1)).toBeUndefined();
    expect(lines.map(({ level }) => level)).toEqual([50, 30]);
    expect(await metrics.registry.metrics()).toMatch(/output_low_space_alerts_total\S* 1/);
  });

  it("waits when no more files can be made", async () => {
    const { guard, disk, states } = openGuard();
    disk.free = free(1e12, 999);
    const ready = guard.ready(signal);
    await expect.poll(() => states.at(-1)).toMatch("999 files");
    disk.free = free(1e12, 5000);
    await ready;
  });

  it("waits after the disk was full, whatever it answered before", async () => {
    const { guard, disk, states } = openGuard();
    disk.free = free(101e6);
    await guard.ready(signal);
    guard.trip("ENOSPC");
    expect(states.at(-1)).toBe("/output: ENOSPC");
    const ready = guard.ready(signal);
    await expect.poll(() => states.at(-1)).toMatch("101.0 MB free");
    disk.free = free(120e6);
    await ready;
  });

  it("ends the wait when the app is to end", async () => {
    const { guard } = openGuard();
    const abort = new AbortController();
    const ready = guard.ready(abort.signal);
    abort.abort(new Error("ending"));
    await expect(ready).rejects.toThrow("ending");
  });

  it("knows what is free on a real disk", async () => {
    const { bytes } = await freeSpace("/");
    expect(bytes).toBeGreaterThan(0);
  });
});
