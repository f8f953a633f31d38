import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { entry, fill, keyOf } from "./store.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "edgelab-store-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("entry", () => {
  it("is made once, and not at all when making it fails", async () => {
    const dir = join(folder, "made/once");
    let times = 0;
    const make = async (temporary: string): Promise<void> => {
      times += 1;
      await writeFile(join(temporary, "file"), "x");
    };
    await expect(entry(dir, () => Promise.reject(new Error("no room")))).rejects.toThrow("no room");
    expect(await readdir(join(folder, "made"))).toEqual([]);
    await entry(dir, make);
    await entry(dir, make);
    expect(times).toBe(1);
    expect(await readdir(join(folder, "made"))).toEqual(["once"]);
  });
});

describe("fill", () => {
  it("replaces what was there, and has no key while it is at work", async () => {
    const [first, second, stage] = [join(folder, "one"), join(folder, "two"), join(folder, "stage")];
    await mkdir(first);
    await mkdir(second);
    await writeFile(join(first, "old.jar"), "old");
    await writeFile(join(second, "new.jar"), "new");
    await fill(stage, "k1", { libs: first });
    expect(await keyOf(stage)).toBe("k1");
    await fill(stage, "k2", { libs: second });
    expect(await readdir(join(stage, "libs"))).toEqual(["new.jar"]);
    expect(await readFile(join(stage, "libs/new.jar"), "utf8")).toBe("new");
    await expect(fill(stage, "k3", { libs: join(folder, "not there") })).rejects.toThrow("cannot copy");
    expect(await keyOf(stage)).toBeUndefined();
  });
});
