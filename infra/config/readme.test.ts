import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";

const root = join(import.meta.dirname, "../..");

/** The README's config table as Pulumi.yaml has it, one line a key. */
function configTable(): string {
  const { config } = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as {
    config: Record<string, { default: string; description: string }>;
  };
  const rows = Object.entries(config).map(([key, { default: value, description }]) => {
    const shown = value === "" ? "" : `\`${value}\``;
    return `| \`${key}\` | ${shown} | ${description} |`;
  });
  return ["| key | default | what it is |", "|---|---|---|", ...rows].join("\n");
}

it("README's config table is Pulumi.yaml's", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const [, table] = /<!-- config:begin[^>]*-->\n([\s\S]*?)\n<!-- config:end -->/.exec(readme) ?? [];
  expect(table?.trim()).toBe(configTable());
});
