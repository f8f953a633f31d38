import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { describe, expect, it, type TestContext } from "vitest";
import { createMetrics } from "../../common/metrics.ts";
import { DiskGuard } from "../../media/disk-guard.ts";
import { makeFrame, noonUs } from "../files/testing/frames.ts";
import { mountTmpfs } from "../files/testing/tmpfs.ts";
import { FrameSaver } from "./saver.ts";

const frameBytes = 100_000;
/** More than the disk holds, less than it holds twice. */
const frames = 55;
const frame = (seq: number) => {
  const jpeg = Buffer.alloc(frameBytes, seq);
  return makeFrame(seq, noonUs + seq * 33_333, { jpeg });
};

/** Saves frames one by one onto a disk of 4 MB. */
async function onSmallDisk(
  context: TestContext,
  minFreeBytes: number,
  use: (saver: FrameSaver, folder: string, problem: () => string | undefined) => Promise<void>,
): Promise<void> {
  const disk = await mountTmpfs(4 * 1024 * 1024);
  if (typeof disk === "string") {
    console.warn(disk);
    return context.skip(disk);
  }
  let problem: string | undefined;
  const metrics = createMetrics("test");
  const guard = new DiskGuard({
    folder: disk.folder,
    minFreeBytes,
    everyMs: 0,
    log: pino({ level: "silent" }),
    metrics,
    onState: (state) => {
      problem = state;
    },
  });
  const retention = { added: () => undefined };
  const saver = new FrameSaver({ root: disk.folder, fsync: "batch", metrics, guard, retention });
  try {
    await use(saver, disk.folder, () => problem);
  } finally {
    await disk.unmount();
  }
}

/** Sizes of everything in the folder of the day. */
async function sizes(folder: string): Promise<number[]> {
  const day = join(folder, "Gate/2026-03-01");
  return Promise.all((await readdir(day)).map(async (name) => (await readFile(join(day, name))).length));
}

const { signal } = new AbortController();

describe("FrameSaver on a small disk", () => {
  it("stops before the disk is full, says so, and goes on when there is space", async (context) => {
    await onSmallDisk(context, 1_000_000, async (saver, folder, problem) => {
      let saved = 0;
      const all = (async () => {
        for (; saved < frames; saved += 1) await saver.save([frame(saved)], signal);
      })();
      await expect.poll(problem, { timeout: 5000 }).toMatch("MB are needed");
      const stopped = saved;
      expect(stopped).toBeGreaterThan(25);
      expect(stopped).toBeLessThan(40);
      expect(await sizes(folder)).toEqual(Array.from({ length: stopped }, () => frameBytes));
      const day = join(folder, "Gate/2026-03-01");
      for (const name of await readdir(day)) await rm(join(day, name));
      await all;
      expect(problem()).toBeUndefined();
      expect(await sizes(folder)).toEqual(Array.from({ length: frames - stopped }, () => frameBytes));
    });
  });

  it("leaves no half of a file on a disk that is full, and goes on when there is space", async (context) => {
    await onSmallDisk(context, 1, async (saver, folder, problem) => {
      let saved = 0;
      const fill = async () => {
        for (; saved < frames; saved += 1) await saver.save([frame(saved)], signal);
      };
      await expect(fill()).rejects.toThrow("ENOSPC");
      expect(problem()).toMatch("no space left on device");
      expect(await sizes(folder)).toEqual(Array.from({ length: saved }, () => frameBytes));
      await rm(join(folder, "Gate/2026-03-01/12-00-00.000-0.jpg"));
      await saver.save([frame(saved)], signal);
      expect(problem()).toBeUndefined();
    });
  });
});
