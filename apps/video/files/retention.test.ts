import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createMetrics } from "../../common/metrics.ts";
import { Retention } from "./retention.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "retention-"));
});
afterEach(() => rm(root, { recursive: true }));

const nowMs = Date.UTC(2026, 2, 3);
const hourMs = 3_600_000;

async function file(path: string, bytes = 10, ageMs = 0): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), Buffer.alloc(bytes));
  const seconds = (nowMs - ageMs) / 1000;
  await utimes(join(root, path), seconds, seconds);
}

async function files(): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const found = entries.filter((entry) => entry.isFile());
  return found.map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1)).sort();
}

function open(bounds: { maxAgeMs?: number; maxBytes?: number }): Retention {
  return new Retention({
    root,
    own: /^\d\d-\d\d-\d\d\.jpg$/,
    maxAgeMs: 0,
    maxBytes: 0,
    log: pino({ level: "silent" }),
    metrics: createMetrics("test"),
    now: () => nowMs,
    ...bounds,
  });
}

describe("Retention", () => {
  it("deletes the oldest files of all cameras until the rest is small enough", async () => {
    await file("b/2026-03-01/10-00-00.jpg");
    await file("a/2026-03-01/11-00-00.jpg");
    await file("b/2026-03-01/12-00-00.jpg");
    await file("a/2026-03-02/09-00-00.jpg");
    const retention = open({ maxBytes: 25 });
    await retention.scan();
    expect(await retention.trim()).toBe(2);
    expect(await files()).toEqual(["a/2026-03-02/09-00-00.jpg", "b/2026-03-01/12-00-00.jpg"]);
    await file("a/2026-03-02/10-00-00.jpg");
    retention.added(10);
    expect(await retention.trim()).toBe(1);
    expect(await files()).toEqual(["a/2026-03-02/09-00-00.jpg", "a/2026-03-02/10-00-00.jpg"]);
    expect(await retention.trim()).toBe(0);
  });

  it("deletes what is too old, and folders that are empty then", async () => {
    await file("a/2026-03-01/10-00-00.jpg", 10, 30 * hourMs);
    await file("a/2026-03-01/23-59-59.jpg", 10, 25 * hourMs);
    await file("a/2026-03-02/10-00-00.jpg", 10, 23 * hourMs);
    const retention = open({ maxAgeMs: 24 * hourMs });
    await retention.scan();
    expect(await retention.trim()).toBe(2);
    expect(await readdir(join(root, "a"))).toEqual(["2026-03-02"]);
  });

  it("never touches what it did not make, and clears away what a crash left half-written", async () => {
    const foreign = [
      "a/2026-03-01/notes.txt",
      "a/2026-03-01/10-00-00.png",
      "a/keep/10-00-00.jpg",
      "top.jpg",
      ".work/2026-03-01/10-00-00.jpg",
      "a/2026-03-01/.other.tmp",
    ];
    for (const path of foreign) await file(path, 1000, 999 * hourMs);
    await file("a/2026-03-01/10-00-00.jpg", 1000, 999 * hourMs);
    await file("a/2026-03-01/.10-00-01.jpg.tmp");
    const retention = open({ maxBytes: 1, maxAgeMs: 1 });
    await retention.scan();
    expect(await retention.trim()).toBe(1);
    expect(await files()).toEqual(foreign.toSorted());
  });

  it("goes on when someone else has deleted a file", async () => {
    await file("a/2026-03-01/10-00-00.jpg");
    await file("a/2026-03-01/11-00-00.jpg");
    await file("a/2026-03-01/12-00-00.jpg");
    const retention = open({ maxBytes: 25 });
    await retention.scan();
    expect(await retention.trim()).toBe(1);
    await rm(join(root, "a/2026-03-01/11-00-00.jpg"));
    retention.added(10);
    expect(await retention.trim()).toBe(1);
    expect(await files()).toEqual([]);
  });
});
