import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { circle, type Import, importsOf, readImports } from "./imports.ts";
import { isTest, picture } from "./picture.ts";

const imports = await readImports(join(import.meta.dirname, "../.."));

const top = (file: string) => file.split("/")[0] ?? "";
const shipped = imports.filter(({ from }) => !isTest(from));
const shown = (list: readonly Import[]) => list.map(({ from, to }) => `${from} → ${to}`);

/** What each folder may import beside itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  // Images have no folder but this.
  apps: [],
  lib: [],
  infra: ["lib", "apps"],
  policy: [],
  scripts: ["lib", "apps"],
  // What a setting costs is measured with the very setting.
  bench: ["infra", "scripts", "lib", "apps"],
  // Which files an image is built from is known to infra/containers.
  images: ["infra"],
  // What the plugins are tried with is a part of the program.
  tests: ["infra", "scripts", "lib", "apps"],
  "vitest.config.ts": ["scripts"],
};

/**
 * What infrastructure may know of apps: their contracts, and what of apps/common is the very same on both sides. That
 * is not in lib/, since an app in its image can reach nothing outside apps/.
 */
const contracts = [
  /\/(contract|env)\.ts$/,
  /^apps\/media\/(frame|recording)\.ts$/,
  /^apps\/common\/(address|topics|(?:postgres|documents|mqtt)-variables|text|structured-text|errors|retry|batcher|kafka-(?:admin|answers|quorum)|reassign)\.ts$/,
];

describe("imports", () => {
  it("are found at all", () => {
    expect(imports.length).toBeGreaterThan(500);
    expect(new Set(imports.map(({ from }) => top(from)))).toEqual(new Set(Object.keys(allowed)));
  });

  it("lead from one top folder to another only where the house has a door", () => {
    // What lib says of the apps' log lines is tested with lines that they write.
    const doors = (from: string) => [...(allowed[top(from)] ?? []), ...(isTest(from) ? ["apps"] : [])];
    const wrong = imports.filter(({ from, to }) => ![top(from), ...doors(from)].includes(top(to)));
    expect(shown(wrong)).toEqual([]);
  });

  it("of infra take nothing from apps but contracts", () => {
    const ofApps = shipped.filter(({ from, to }) => top(from) === "infra" && top(to) === "apps");
    expect(shown(ofApps.filter(({ to }) => !contracts.some((pattern) => pattern.test(to))))).toEqual([]);
  });

  it("never take tests' parts into what is shipped", () => {
    // A bench starts brokers of its own, as tests do; helpers of whole-lab tests are not shipped.
    const used = shipped.filter(({ from, to }) => isTest(to) && !["bench", "tests"].includes(top(from)));
    expect(shown(used)).toEqual([]);
  });

  it("make no circle of files", () => {
    expect(circle(imports, (file) => file)).toBeUndefined();
  });

  it.each(["apps", "scripts", "lib", "infra"])("make no circle of folders in %s", (folder) => {
    const inside = shipped.filter(({ from, to }) => top(from) === folder && top(to) === folder);
    expect(circle(inside, (file) => file.split("/").slice(0, 2).join("/"))).toBeUndefined();
  });
});

describe("the picture", () => {
  it("of infra is the one in docs/architecture.md", () => {
    const text = readFileSync(join(import.meta.dirname, "../../docs/architecture.md"), "utf8");
    const [, drawn] = /```mermaid\n([\s\S]*?)\n```/.exec(text) ?? [];
    expect(drawn, "fix: take what ./scripts/imports infra prints").toBe(picture(imports, "infra"));
  });

  it("has each arrow once, and none of a folder to itself or from tests", () => {
    const edges: Import[] = [
      { from: "infra/b/x.ts", to: "infra/a/y.ts" },
      { from: "infra/b/z.ts", to: "infra/a/y.ts" },
      { from: "infra/b/z.ts", to: "infra/b/x.ts" },
      { from: "infra/a/y.test.ts", to: "infra/b/x.ts" },
      { from: "infra/a/y.ts", to: "lib/c.ts" },
    ];
    expect(picture(edges, "infra")).toBe("graph TD\n  b --> a");
    expect(picture(edges)).toBe("graph TD\n  infra --> lib");
  });
});

describe("importsOf", () => {
  it("sees every kind of import of a file of ours", () => {
    const text = `
      import { a } from "./a.ts"; import type { B } from "../b.ts"; export * from "./c/d.ts";
      const e = await import("./e.ts"); import "zod"; // import "./not.ts"`;
    expect(importsOf("x/y/z.ts", text).map(({ to }) => to)).toEqual([
      "x/y/a.ts",
      "x/b.ts",
      "x/y/c/d.ts",
      "x/y/e.ts",
    ]);
  });
});

describe("circle", () => {
  const edges = (text: string) =>
    text.split(" ").map((edge): Import => ({ from: edge[0] ?? "", to: edge[1] ?? "" }));

  it.each([
    ["ab bc ca", ["a", "b", "c", "a"]],
    ["ab ac bd cd de eb", ["b", "d", "e", "b"]],
    ["ab ac bd cd", undefined],
  ])("of %s is %j", (text, found) => {
    expect(circle(edges(text), (file) => file)).toEqual(found);
  });
});
