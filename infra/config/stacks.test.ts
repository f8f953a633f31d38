import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { labSchema, parseConfig, planLab } from "../pipelines/all.ts";

const root = join(import.meta.dirname, "../..");
const stacks = readdirSync(root).filter((name) => /^Pulumi\.[a-z]+\.yaml$/.test(name));

function configOf(file: string) {
  const { config } = parse(readFileSync(join(root, file), "utf8")) as { config: Record<string, unknown> };
  const own = Object.entries(config).filter(([key]) => key.startsWith("edgelab:"));
  return parseConfig(
    Object.fromEntries(own.map(([key, value]) => [key.replace("edgelab:", ""), asHandedOver(value)])),
  );
}

/** Pulumi hands lists and maps over as JSON. */
function asHandedOver(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

describe("the stack configs of the repository", () => {
  it.each(stacks)("%s has nothing wrong with it", (file) => {
    expect(() => configOf(file)).not.toThrow();
  });

  it.each(stacks)("%s has its lists and maps as YAML, not as text of YAML", (file) => {
    const structured = [...labSchema.keys]
      .filter(([, info]) => info.structured)
      .map(([key]) => `edgelab:${key}`);
    const { config } = parse(readFileSync(join(root, file), "utf8")) as { config: Record<string, unknown> };
    const texts = structured.filter((key) => typeof config[key] === "string");
    expect(texts).toEqual([]);
  });

  it.each(stacks)("%s reads back from the text that it is written as", (file) => {
    const config = configOf(file);
    expect(z.decode(labSchema.codec, z.encode(labSchema.codec, config))).toEqual(config);
  });

  it("has a stack for every target", () => {
    expect(new Set(stacks.map((file) => configOf(file).target))).toEqual(
      new Set(["local", "ssh", "openstack"]),
    );
  });

  it("opens on Chameleon what the lab there has open, and nothing else", () => {
    const rows = planLab(configOf("Pulumi.chameleon.yaml")).peers.filter(({ from }) => from.length > 0);
    expect(new Set(rows.map(({ port }) => port))).toEqual(new Set([9092, 9093]));
  });

  it("has the edge lab's three brokers on one address, ports 9092 to 9094", () => {
    const ports = planLab(configOf("Pulumi.lab.yaml")).peers.filter(({ service }) =>
      service.startsWith("kafka-"),
    );
    expect(ports.map(({ host, port }) => `${host}:${port}`)).toEqual(
      expect.arrayContaining(["edge1:9092", "edge1:9093", "edge1:9094"]),
    );
  });

  it("has a ZooKeeper node on each machine of the edge lab, which the brokers' machine and the others reach", () => {
    const nodes = planLab(configOf("Pulumi.lab.yaml")).peers.filter(({ service }) =>
      service.startsWith("zookeeper-"),
    );
    expect(nodes.map(({ host, port, from }) => `${host}:${port} from ${from.join(", ")}`)).toEqual([
      "edge1:2181 from ",
      "edge1:2888 from edge2, edge3",
      "edge1:3888 from edge2, edge3",
      "edge2:2181 from edge1",
      "edge2:2888 from edge1, edge3",
      "edge2:3888 from edge1, edge3",
      "edge3:2181 from edge1",
      "edge3:2888 from edge1, edge2",
      "edge3:3888 from edge1, edge2",
    ]);
  });

  it("has the topics of the edge lab, and messages of up to 100 MB", () => {
    const config = configOf("Pulumi.lab.yaml");
    const topics = planLab(config).topics.filter(({ name }) => !name.endsWith(".dlq"));
    expect(topics.map(({ name, partitions, replication }) => [name, partitions, replication])).toEqual([
      ["AgriCam3", 3, 1],
      ["LabTappoCam1", 3, 1],
      ["FrontGATE1", 3, 1],
    ]);
    expect(topics[0]?.retentionMs).toBe(7 * 24 * 3_600_000);
    expect(config.kafka.maxMessageKB).toBe(100 * 1024);
  });
});
