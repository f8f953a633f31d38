import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dockerfileOf, isIgnored } from "./dockerfile.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "edgelab-dockerfile-"));
  mkdirSync(join(folder, "a"));
  for (const path of ["a/Dockerfile", "Other"]) writeFileSync(join(folder, path), "FROM scratch\n");
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("dockerfileOf", () => {
  it("takes a path from the working directory before one from the context", () => {
    const context = join(folder, "a");
    expect(dockerfileOf(context, join(folder, "Other"))).toBe(join(folder, "Other"));
    expect(dockerfileOf(context, "Dockerfile")).toBe(join(folder, "a/Dockerfile"));
    expect(() => dockerfileOf(context, "../a/Missing")).toThrow(
      /no Dockerfile ..\/a\/Missing, neither in the working/,
    );
  });

  it("refuses one that the context's .dockerignore leaves out, and says how to let it through", () => {
    const context = join(folder, "a");
    const given = join(context, "Dockerfile");
    writeFileSync(join(context, ".dockerignore"), "*\n!bin\n");
    expect(() => dockerfileOf(context, given)).toThrow(/fix: add the line !Dockerfile to/);
    writeFileSync(join(context, ".dockerignore"), "*\n!Dockerfile\n!bin\n");
    expect(dockerfileOf(context, given)).toBe(given);
  });
});

describe("isIgnored", () => {
  it.each([
    ["*", "Dockerfile", true],
    ["*\n!Dockerfile", "Dockerfile", false],
    ["*\n!images\nimages/*/stage", "images/kafka/Dockerfile", false],
    ["*\n!images\nimages/*/stage", "images/kafka/stage/libs", true],
    ["# Dockerfile\n\n/bin/", "Dockerfile", false],
    ["/bin/", "bin/x", true],
  ])("%j, %s: %s", (ignore, path, expected) => {
    expect(isIgnored(ignore, path)).toBe(expected);
  });
});
