import { accessSync, constants, existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { pipelines } from "../pipelines/all.ts";
import { coreRoles } from "../plan/services.ts";
import { type Markdown, readMarkdown } from "../testing/markdown.ts";

const root = join(import.meta.dirname, "../..");
const textOf = (file: string) => readFileSync(join(root, file), "utf8");
const files = ["README.md", ...globSync("docs/*.md", { cwd: root }).sort()];
const pages: ReadonlyMap<string, Markdown> = new Map(files.map((file) => [file, readMarkdown(textOf(file))]));

const { config } = parse(textOf("Pulumi.yaml")) as {
  config: Record<string, { default: string; description: string }>;
};
const keys = new Set(Object.keys(config));

/** Code of a page, line by line, wherever it stands. */
function codeOf({ blocks, spans }: Markdown): string[] {
  return [...blocks.flatMap(({ text }) => text.split("\n")), ...spans];
}

const allCode = [...pages].flatMap(([file, page]) => codeOf(page).map((code) => ({ file, code })));

/** Every match of a pattern's first group in the pages' code, with the page it is on. */
function found(pattern: RegExp): { file: string; name: string }[] {
  return allCode.flatMap(({ file, code }) =>
    [...code.matchAll(pattern)].map(([, name = ""]) => ({ file, name })),
  );
}

/** The config table as Pulumi.yaml has it, one line a key. */
function configTable(): string {
  const rows = Object.entries(config).map(([key, { default: value, description }]) => {
    const shown = value === "" ? "" : `\`${value}\``;
    return `| \`${key}\` | ${shown} | ${description} |`;
  });
  return ["| key | default | what it is |", "|---|---|---|", ...rows].join("\n");
}

function isExecutable(file: string): boolean {
  try {
    accessSync(join(root, file), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

describe("the README", () => {
  it("has 200 lines at most", () => {
    expect(textOf("README.md").trimEnd().split("\n").length).toBeLessThanOrEqual(200);
  });

  it("begins with the two commands", () => {
    const [title, blank, fence, ...rest] = textOf("README.md").split("\n");
    expect([title, blank, fence]).toEqual(["# edgelab", "", "```sh"]);
    const commands = rest.slice(0, rest.indexOf("```")).map((line) => line.split(" ")[0]);
    expect(commands).toEqual(["./scripts/up", "./scripts/test"]);
  });

  it("leads to every page of docs", () => {
    const links = pages.get("README.md")?.links.map((link) => link.split("#")[0]);
    expect(links).toEqual(expect.arrayContaining(files.slice(1)));
  });
});

describe("README and docs", () => {
  it("have links and anchors that lead somewhere", () => {
    const relative = [...pages].flatMap(([file, { links }]) =>
      links.filter((link) => !/^[a-z]+:/.test(link)).map((link) => ({ file, link })),
    );
    const broken = relative.filter(({ file, link }) => {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? file : normalize(join(dirname(file), path));
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && pages.get(target)?.anchors.has(anchor) !== true;
    });
    expect(relative.length).toBeGreaterThan(files.length);
    expect(broken).toEqual([]);
  });

  it("name commands that are there", () => {
    const commands = found(/(?<![\w/])\.\/((?:scripts|bench)\/[\w/-]+)/g);
    expect(commands).toContainEqual({ file: "README.md", name: "scripts/up" });
    expect(commands.filter(({ name }) => !isExecutable(name))).toEqual([]);
  });

  it("name files of the repository that are there", () => {
    const named = found(/^((?:infra|apps|lib|scripts|policy|tests|docs|bench)\/[\w./-]+)$/g);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter(({ name }) => !existsSync(join(root, name)))).toEqual([]);
  });

  it("name config keys that are there", () => {
    const set = found(/config (?:set|get|rm) (?:--(?:path|secret|plaintext) )*'?([\w.]+)/g);
    const inStackFiles = found(/^\s*edgelab:([\w.]+):/g);
    const groups = [...new Set([...keys].filter((key) => key.includes(".")).map((key) => key.split(".")[0]))];
    const dotted = found(new RegExp(`(?<![\\w./:-])((?:${groups.join("|")})\\.[a-z]\\w*)(?![\\w/(])`, "g"));
    // Whatever looks like a key and is neither a file nor a label, so that a misspelt group is found as well.
    const alone = found(
      /^(?!edgelab\.|.*\.(?:md|js|ts|yaml|json|png|gz|hlog|bin|txt|onnx|avi|io|dlq|sock|mod|sum)$)([a-z]+\.[a-z][a-zA-Z]*)$/g,
    );
    for (const some of [set, inStackFiles, dotted, alone]) expect(some.length).toBeGreaterThan(0);
    const unknown = [...set, ...inStackFiles, ...dotted, ...alone].filter(({ name }) => !keys.has(name));
    expect(unknown).toEqual([]);
  });

  it("have the config table of Pulumi.yaml", () => {
    const [, table] =
      /<!-- config:begin[^>]*-->\n([\s\S]*?)\n<!-- config:end -->/.exec(textOf("docs/config.md")) ?? [];
    expect(table?.trim()).toBe(configTable());
  });

  it("name every role that can be placed", () => {
    const roles = [...coreRoles, ...pipelines.flatMap((pipeline): readonly string[] => pipeline.roles)];
    expect(pages.get("docs/hosts.md")?.spans).toEqual(expect.arrayContaining(roles));
  });

  it("say of every dependency why it is there", () => {
    const dependencies = ["package.json", "apps/package.json"].flatMap((file) => {
      const { dependencies: own, devDependencies: dev } = JSON.parse(textOf(file)) as Record<
        string,
        Record<string, string> | undefined
      >;
      return Object.keys({ ...own, ...dev }).filter((name) => !name.startsWith("@types/"));
    });
    const spans = pages.get("docs/tools.md")?.spans;
    expect(spans).toEqual(expect.arrayContaining(dependencies));
  });
});
