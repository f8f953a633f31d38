import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { expect, it, type TestContext } from "vitest";
import { createMetrics } from "../../common/metrics.ts";
import { DiskGuard } from "../../media/disk-guard.ts";
import type { VideoMessage } from "../../media/frame.ts";
import { film } from "../files/testing/frames.ts";
import { mountTmpfs } from "../files/testing/tmpfs.ts";
import { Recorder } from "./recorder.ts";
import type { RecorderSettings } from "./settings.ts";
import { probe } from "./testing/recordings.ts";

const settings: RecorderSettings = {
  video: { fps: 10, codec: "mjpeg", container: "avi", quality: "high" },
  maxSlots: Number.POSITIVE_INFINITY,
  maxBytes: Number.POSITIVE_INFINITY,
  maxGapUs: 10e6,
  chunkSlots: 20,
};
const diskBytes = 8 * 1024 * 1024;
const { signal } = new AbortController();

/** Records on a small disk on which so much is free, and makes room as soon as the guard says that there is none. */
async function recordOnFullDisk(context: TestContext, freeBytes: number): Promise<void> {
  const disk = await mountTmpfs(diskBytes);
  if (typeof disk === "string") {
    console.warn(disk);
    return context.skip(disk);
  }
  const filler = join(disk.folder, "filler");
  try {
    await writeFile(filler, Buffer.alloc(diskBytes - freeBytes));
    const problems: string[] = [];
    const log = pino({ level: "silent" });
    const metrics = createMetrics("test");
    const guard = new DiskGuard({
      folder: disk.folder,
      minFreeBytes: 1,
      everyMs: 10,
      log,
      metrics,
      onState: (problem) => {
        if (problem === undefined) return;
        problems.push(problem);
        void rm(filler, { force: true });
      },
    });
    const recorder = new Recorder({
      root: disk.folder,
      settings,
      guard,
      retention: { added: () => undefined },
      log,
      metrics,
      onState: () => undefined,
      signal,
    });
    const messages = (await film(150, 10)).map((frame): VideoMessage => ({ kind: "frame", ...frame }));
    // As the consumer does: what failed comes again.
    const attempt = async (): Promise<void> => recorder.record(messages, signal);
    await attempt().catch(() =>
      expect
        .poll(() => readdir(disk.folder))
        .not.toContain("filler")
        .then(attempt),
    );
    await recorder.close();
    expect(problems.join()).toMatch(/no space left on device/i);
    expect((await probe(join(disk.folder, "Gate/2026-03-01/12-00-00.avi"))).frames).toBe(150);
    expect(await readdir(join(disk.folder, ".work/Gate"))).toEqual(["camera.json"]);
  } finally {
    await disk.unmount();
  }
}

it("loses nothing when the journal cannot be written", { timeout: 60_000 }, (context) =>
  recordOnFullDisk(context, 200_000),
);

it("waits for space when there is none for the recording", { timeout: 60_000 }, async (context) => {
  const bytes = (await film(150, 10)).reduce((sum, { jpeg }) => sum + jpeg.length, 0);
  await recordOnFullDisk(context, Math.round(bytes * 1.6));
});
