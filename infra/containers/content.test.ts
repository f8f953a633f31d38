import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { contentKey, copiedPaths } from "./content.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "content-"));
  mkdirSync(join(root, "app/node_modules"), { recursive: true });
  writeFileSync(join(root, "app/main.ts"), "one");
});
afterEach(() => rmSync(root, { recursive: true }));

describe("contentKey", () => {
  it("changes with a file's content, its name and the extra text, and with nothing else", () => {
    const key = contentKey(root, ["app"]);
    expect(key).toMatch(/^[0-9a-f]{12}$/);
    utimesSync(join(root, "app/main.ts"), 1, 1);
    writeFileSync(join(root, "app/main.test.ts"), "a test");
    writeFileSync(join(root, "app/node_modules/x.js"), "a dependency");
    expect(contentKey(root, ["app"])).toBe(key);

    expect(contentKey(root, ["app"], ["base:1"])).not.toBe(key);
    writeFileSync(join(root, "app/main.ts"), "two");
    expect(contentKey(root, ["app"])).not.toBe(key);
  });

  it("tells apart what would read the same when joined", () => {
    writeFileSync(join(root, "ab"), "c");
    writeFileSync(join(root, "a"), "bc");
    expect(contentKey(root, ["ab"])).not.toBe(contentKey(root, ["a"]));
    expect(contentKey(root, [], ["ab", "c"])).not.toBe(contentKey(root, [], ["a", "bc"]));
  });

  it("fails on an absent path", () => {
    expect(() => contentKey(root, ["nowhere"])).toThrow(/nowhere/);
  });
});

describe("copiedPaths", () => {
  it("lists the sources of every COPY, without flags, stages and the destination", () => {
    const dockerfile = [
      "ARG BASE",
      "FROM $BASE",
      "COPY --chown=10001 apps/common/ \\",
      "     apps/classification/producer /app/",
      "COPY --from=other /x /y",
      "copy ./stage/libs /opt/libs",
      "RUN echo COPY nothing here",
    ].join("\n");
    expect(copiedPaths(dockerfile)).toEqual(["apps/common", "apps/classification/producer", "stage/libs"]);
  });

  it("refuses a pattern", () => {
    expect(() => copiedPaths("COPY *.jar /libs/")).toThrow(/\*\.jar/);
  });
});
