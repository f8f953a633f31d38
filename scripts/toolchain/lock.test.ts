import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withLock } from "./lock.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "edgelab-lock-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Another process that takes the lock, says so on stdout, and keeps it until its input ends. */
async function holder(file: string) {
  const script = `
    import { withLock } from ${JSON.stringify(join(import.meta.dirname, "lock.ts"))};
    await withLock(${JSON.stringify(file)}, "the other one", () => {}, async () => {
      console.log("locked");
      for await (const _ of process.stdin);
    });`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
}

describe("withLock", () => {
  it("waits for another process, is told which one, and goes on when that ends", async () => {
    const file = join(folder, "polite");
    const other = await holder(file);
    const events: string[] = [];
    const told = Promise.withResolvers<string>();
    const work = withLock(file, "we", told.resolve, async () => void events.push("work"));
    expect(await told.promise).toBe(`the other one (pid ${other.pid})`);
    events.push("the other one lets go");
    other.stdin.end();
    await work;
    expect(events).toEqual(["the other one lets go", "work"]);
  });

  it("is freed when its holder is killed", async () => {
    const file = join(folder, "killed");
    const other = await holder(file);
    const told = Promise.withResolvers<string>();
    const work = withLock(file, "we", told.resolve, async () => "got it");
    await told.promise;
    other.kill("SIGKILL");
    expect(await work).toBe("got it");
  });

  it("is freed when the work fails", async () => {
    const file = join(folder, "failed");
    const fail = withLock(
      file,
      "we",
      () => undefined,
      () => Promise.reject(new Error("no luck")),
    );
    await expect(fail).rejects.toThrow("no luck");
    const waited: string[] = [];
    await withLock(
      file,
      "we",
      (who) => waited.push(who),
      async () => undefined,
    );
    expect(waited).toEqual([]);
  });

  it("fails where the lock file cannot be made, without doing the work", async () => {
    const notFolder = join(folder, "a file");
    await writeFile(notFolder, "");
    const works: string[] = [];
    const work = withLock(
      join(notFolder, "lock"),
      "we",
      () => undefined,
      async () => works.push("work"),
    );
    await expect(work).rejects.toThrow(/EEXIST|ENOTDIR/);
    expect(works).toEqual([]);
  });
});
