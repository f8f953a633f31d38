import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { plannedTopics } from "./capacity.ts";
import { parseConfig } from "./config.ts";

const root = join(import.meta.dirname, "..");
const stacks = readdirSync(root).filter((name) => /^Pulumi\.[a-z]+\.yaml$/.test(name));

function configOf(file: string) {
  const { config } = parse(readFileSync(join(root, file), "utf8")) as { config: Record<string, string> };
  const entries = Object.entries(config).map(([key, value]) => [key.replace("edgelab:", ""), value]);
  return parseConfig(Object.fromEntries(entries));
}

describe("the stack configs of the repository", () => {
  it.each(stacks)("%s has nothing wrong with it", (file) => {
    expect(configOf(file).target).toBe("local");
  });

  it("has the topics of the edge lab, and messages of up to 100 MB", () => {
    const config = configOf("Pulumi.lab.yaml");
    const topics = plannedTopics(config).filter(({ name }) => !name.endsWith(".dlq"));
    expect(topics.map(({ name, partitions, replication }) => [name, partitions, replication])).toEqual([
      ["AgriCam3", 3, 1],
      ["LabTappoCam1", 3, 1],
      ["FrontGATE1", 3, 1],
    ]);
    expect(topics[0]?.retentionMs).toBe(7 * 24 * 3_600_000);
    expect(config.kafka.maxMessageKB).toBe(100 * 1024);
  });
});
