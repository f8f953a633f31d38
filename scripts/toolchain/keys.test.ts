import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contentKey, filesKey, sourceClosure } from "./keys.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "edgelab-keys-"));
  await mkdir(join(root, "lib"));
  await writeFile(join(root, "a.ts"), 'import { b } from "./lib/b.ts";\nimport x from "zod";\n');
  await writeFile(
    join(root, "lib/b.ts"),
    'export * from "../c.ts";\nconst w = new URL("./worker.ts", import.meta.url);\n',
  );
  await writeFile(join(root, "lib/worker.ts"), 'import "../a.ts";\n');
  await writeFile(join(root, "c.ts"), "export const c = 1;\n");
  await writeFile(join(root, "d.ts"), "export const d = 1;\n");
});
afterAll(() => rm(root, { recursive: true }));

describe("contentKey", () => {
  it("changes with a name, a value and where one value ends", () => {
    const keys = [{ a: "1" }, { b: "1" }, { a: "2" }, { a: "12", b: "" }, { a: "1", b: "2" }].map(contentKey);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys[0]).toMatch(/^[0-9a-f]{16}$/);
    expect(contentKey({ a: "1" })).toBe(keys[0]);
  });
});

describe("sourceClosure", () => {
  it("follows relative imports, exports and workers, through circles, and nothing else", async () => {
    expect(await sourceClosure(root, "a.ts")).toEqual(["a.ts", "c.ts", "lib/b.ts", "lib/worker.ts"]);
  });
});

describe("filesKey", () => {
  it("depends on the contents and the recipe, not on the order of the files", async () => {
    const before = await filesKey(root, ["c.ts", "d.ts"], "1");
    expect(await filesKey(root, ["d.ts", "c.ts"], "1")).toBe(before);
    expect(await filesKey(root, ["c.ts", "d.ts"], "2")).not.toBe(before);
    await writeFile(join(root, "d.ts"), "export const d = 2;\n");
    expect(await filesKey(root, ["c.ts", "d.ts"], "1")).not.toBe(before);
  });
});
