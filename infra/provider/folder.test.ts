import { chmodSync, existsSync, mkdirSync, mkdtempSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { quietContext as context } from "../testing/quiet-context.ts";
import { folderHandler } from "./folder.ts";

const uid = process.getuid?.() ?? 0;
const gid = process.getgid?.() ?? 0;
const base = () => mkdtempSync(join(tmpdir(), "folder-"));

describe("a folder", () => {
  it("is made with those above it, and they are removed again when nothing is in them", async () => {
    const root = base();
    const path = join(root, "a/b");
    const { id, outputs } = await folderHandler.create({ path, uid, gid }, context);
    expect(outputs.made).toBe(join(root, "a"));
    expect(await folderHandler.read(id, outputs, { path, uid, gid }, context)).toMatchObject({ id: path });
    await folderHandler.delete(id, outputs, context);
    expect(existsSync(join(root, "a"))).toBe(false);
    expect(await folderHandler.read(id, outputs, { path, uid, gid }, context)).toBeUndefined();
    await folderHandler.delete(id, outputs, context);
  });

  it("stays when something is in it, or when it was there before", async () => {
    const root = base();
    const path = join(root, "out");
    const made = await folderHandler.create({ path, uid, gid }, context);
    writeFileSync(join(path, "video.avi"), "x");
    await folderHandler.delete(made.id, made.outputs, context);
    expect(existsSync(join(path, "video.avi"))).toBe(true);
    const again = await folderHandler.create({ path: root, uid, gid }, context);
    await folderHandler.delete(again.id, again.outputs, context);
    expect(existsSync(root)).toBe(true);
  });

  it("is refused when the containers' user cannot write to it, with the command that mends it", async () => {
    const path = join(base(), "locked");
    mkdirSync(path);
    chmodSync(path, 0o755);
    const other = statSync(path).uid + 1;
    await expect(folderHandler.create({ path, uid: other, gid: gid + 1 }, context)).rejects.toThrow(
      `fix: chown ${other}:${gid + 1} ${path}`,
    );
  });

  it("is replaced when its path changes", () => {
    const olds = { inputs: { path: "/a", uid, gid }, outputs: { path: "/a", uid, gid, made: "" } };
    expect(folderHandler.diff(olds, { path: "/b", uid, gid }).changes).toEqual({ path: "replace" });
    expect(folderHandler.diff(olds, { path: "/a", uid, gid }).changes).toEqual({});
    expect(folderHandler.check({ path: "relative", uid, gid }, undefined).failures).toHaveLength(1);
  });
});
