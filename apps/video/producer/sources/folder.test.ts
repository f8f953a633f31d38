import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { type Clock, FolderSource } from "./folder.ts";
import type { CapturedFrame } from "./source.ts";
import { picture } from "./testing/pictures.ts";

let path: string;
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), "folder-"));
});
const never = new AbortController().signal;

describe("FolderSource", () => {
  it("plays JPEGs in the order of their names, and skips what is none", async () => {
    const [a, b] = await Promise.all([picture({ seed: 1 }), picture({ seed: 2 })]);
    await writeFile(join(path, "2.JPG"), b);
    await writeFile(join(path, "1.jpeg"), a);
    await writeFile(join(path, "3.jpg"), a.subarray(0, 99));
    await writeFile(join(path, "notes.txt"), "none");
    const frames: CapturedFrame[] = [];
    const bad: string[] = [];
    const source = new FolderSource({ path, fps: 50, loop: false });
    await source.run(
      never,
      (frame) => void frames.push(frame),
      (reason) => bad.push(reason),
    );
    expect(frames.map(({ jpeg }) => jpeg)).toEqual([a, b]);
    expect(bad).toEqual([expect.stringMatching(/^3\.jpg: \d+ bytes that are no whole JPEG$/)]);
  });

  it("plays at its rate, and does not make up for what came too late", async () => {
    for (const name of ["1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg"])
      await writeFile(join(path, name), await picture());
    const time = { now: 0 };
    const pauses: number[] = [];
    const clock: Clock = {
      now: () => time.now,
      pause: async (ms) => {
        pauses.push(ms);
        time.now += ms;
      },
    };
    // How long whoever takes a picture is busy with it: within the 20 ms to the next one, and beyond them.
    const busy = [5, 50];
    const came: number[] = [];
    const onFrame = () => {
      came.push(time.now);
      time.now += busy[came.length - 1] ?? 0;
    };
    await new FolderSource({ path, fps: 50, loop: false }, clock).run(never, onFrame, () => undefined);
    // Two were missed; one of them comes at once.
    expect(came).toEqual([0, 20, 70, 70, 90]);
    expect(pauses).toEqual([0, 15, 0, 0, 20]);
  });

  it("loops until it is told to end", async () => {
    await writeFile(join(path, "1.jpg"), await picture());
    const enough = new AbortController();
    let frames = 0;
    const onFrame = () => {
      frames += 1;
      if (frames === 4) enough.abort(new Error("enough"));
    };
    const end = new FolderSource({ path, fps: 200, loop: true }).run(enough.signal, onFrame, () => undefined);
    await expect(end).rejects.toThrow("enough");
    expect(frames).toBe(4);
  });

  it("says that a folder has no pictures or cannot be read", async () => {
    const run = (folder: string) =>
      new FolderSource({ path: folder, fps: 1, loop: true }).run(
        never,
        () => undefined,
        () => undefined,
      );
    await expect(run(path)).rejects.toThrow(`there is no .jpg or .jpeg in the folder ${path}`);
    await expect(run("/nowhere")).rejects.toThrow("the folder /nowhere cannot be read (ENOENT)");
  });

  it.each([
    [30, "30"],
    [12.5, "12500/1000"],
  ])("has %d frames a second as its rate", (fps, rate) => {
    expect(new FolderSource({ path, fps, loop: true }).rate).toBe(rate);
  });
});
