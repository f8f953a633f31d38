import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { defineEnv, integer, string } from "../apps/common/env.ts";
import { postgresVariables } from "../apps/common/postgres-variables.ts";
import { ConfigError } from "./config/config.ts";
import { flag, integer as integerKey } from "./config/kinds.ts";
import { port, retention } from "./config/schema.ts";
import { portsByRole } from "./hosts/openstack/security-groups.ts";
import { pipelines } from "./pipelines/all.ts";
import { defineLab } from "./pipelines/definition.ts";
import { definePipeline } from "./pipelines/pipeline.ts";
import { appImage } from "./plan/images.ts";
import { peerRules } from "./plan/peers.ts";
import { standUp } from "./stand-up.ts";
import { checkoutForTests } from "./testing/checkout.ts";
import { recordResources, settled, unitId, unitLab } from "./testing/mocks.ts";

// The quota is asked of the cloud itself, by HTTP.
vi.mock("./hosts/openstack/quota.ts", () => ({ checkQuota: async () => {} }));

const readerEnv = defineEnv({
  ...postgresVariables,
  KAFKA_BOOTSTRAP_SERVERS: string(),
  HTTP_PORT: integer({ min: 1 }),
  WRITER: string(),
});

/** An app that writes to a topic and offers a port, and one that reads both into PostgreSQL. */
const toy = definePipeline({
  name: "toy",
  config: {
    enabled: flag(false, "Run the toy pipeline"),
    retentionMB: integerKey(retention, 64, "MB kept of one partition"),
    port: integerKey(port, 9800, "Published port of the writer; the reader has the next"),
    memoryMB: integerKey({ min: 64, max: 65_536 }, 128, "Memory limit of its apps in MB"),
  },
  roles: ["writer", "reader"],
  plan: (own, { kafka }) => {
    const common = {
      memory: { MB: own.memoryMB, key: "toy.memoryMB", least: 64 },
      http: { port: own.port, key: "toy.port" },
    } as const;
    return {
      topics: [
        {
          name: "toys",
          key: "none",
          value: "text",
          partitions: 2,
          retentionMs: 1000,
          retentionBytes: own.retentionMB * 1024 ** 2,
          maxMessageBytes: 1024,
          replication: kafka.replication,
          minInsync: kafka.minInsync,
          retention: { key: "toy.retentionMB", MB: own.retentionMB },
        },
      ],
      services: [
        {
          ...common,
          name: "toy-reader-1",
          role: "reader",
          image: appImage("toy"),
          uses: {
            reads: [{ topic: "toys", group: "toy-readers" }],
            stores: ["postgres"],
            services: ["toy-writer-1"],
          },
          flows: "toys_read_total",
          env: (at) =>
            readerEnv.format({
              ...at.postgres(),
              KAFKA_BOOTSTRAP_SERVERS: at.bootstrapServers.join(","),
              HTTP_PORT: at.http.HTTP_PORT,
              WRITER: at.peer("toy-writer-1"),
            }),
        },
        {
          ...common,
          name: "toy-writer-1",
          role: "writer",
          image: appImage("toy"),
          offers: 7000,
          uses: { writes: ["toys"] },
          env: (at) => ({ HTTP_PORT: String(at.http.HTTP_PORT) }),
        },
      ],
      outputs: (at) => ({ toyUrl: at.url("toy-writer-1") }),
    };
  },
});

const { parseConfig, planLab } = defineLab([...pipelines, toy]);
const on = { "classification.enabled": "false", "toy.enabled": "true" };
const machines = [1, 2, 3, 4, 5].map((number) => ({ name: `m${number}`, address: `10.0.0.${number}` }));
const targets = {
  local: {},
  ssh: { target: "ssh", "ssh.hosts": JSON.stringify(machines) },
  openstack: {
    target: "openstack",
    "openstack.count": "5",
    "openstack.sshCidrs": '["203.0.113.7/32"]',
    "ssh.keyFile": "~/.ssh/id_ed25519",
  },
};
const apart = { placement: "{toy-writer: HOST1, reader: HOST2, database: HOST3}" };
const configOn = (target: keyof typeof targets, more: Record<string, string> = {}) => {
  const prefix = { local: "", ssh: "m", openstack: "vm" }[target];
  const placement = apart.placement.replaceAll("HOST", prefix);
  return parseConfig({ ...on, ...targets[target], ...(target === "local" ? {} : { placement }), ...more });
};
const planOn = (target: keyof typeof targets) => planLab(configOn(target));
const everyTarget = ["local", "ssh", "openstack"] as const;

describe("a pipeline more in the list", () => {
  it.each(everyTarget)("has its services, topics, images, ports and store on %s", (target) => {
    const plan = planOn(target);
    expect(plan.services.map(({ name, role }) => [name, role])).toEqual([
      ["kafka-0", "broker"],
      ["kafka-1", "broker"],
      ["kafka-2", "broker"],
      ["postgres", "database"],
      ["toy-reader-1", "reader"],
      ["toy-writer-1", "writer"],
    ]);
    expect(plan.topics.map(({ name }) => name)).toEqual(["toys", "toys.dlq"]);
    expect(plan.images.map(({ name }) => name)).toEqual(["kafka", "kafka-4.2", "postgres", "node", "toy"]);
    expect(plan.ports.filter(({ key }) => key === "toy.port")).toEqual([
      { service: "toy-reader-1", key: "toy.port", port: 9800 },
      { service: "toy-writer-1", key: "toy.port", port: 9801 },
    ]);
    const needed = plan.hosts.reduce((sum, { needs }) => sum + needs.memoryMB, 0);
    expect(needed).toBe(3 * 1024 + 512 + 2 * 128 + plan.hosts.length * 512);
  });

  it.each(["ssh", "openstack"] as const)(
    "opens what its services use of each other on %s, and no more",
    (target) => {
      const plan = planOn(target);
      const [first, second, third] = plan.hosts.map(({ name }) => name);
      const rules = (host = "") => peerRules(plan.peers, host).map(({ port: open, from }) => [open, from]);
      expect(rules(first)).toEqual([
        [7000, [second]],
        [9092, [second, third]],
        [29_093, [second, third]],
      ]);
      expect(rules(third)).toContainEqual([5432, [second]]);
      expect(portsByRole(plan)).toEqual(
        new Map([
          ["broker", [9092, 29_093]],
          ["database", [5432]],
          ["writer", [7000]],
        ]),
      );
    },
  );

  it("is held by the rules of every lab", () => {
    const problems = (raw: Record<string, string>) => {
      try {
        parseConfig({ ...on, ...raw });
      } catch (error) {
        if (error instanceof ConfigError) return error.message;
        throw error;
      }
      return "";
    };
    expect(problems({ "toy.port": "29093" })).toContain("config set toy.port 29095");
    expect(problems({ "toy.retentionMB": "1000000" })).toContain("config set toy.retentionMB");
    expect(problems({ "toy.retention": "1" })).toContain("did you mean toy.retentionMB?");
    expect(problems({ placement: "{toy-reade: local}" })).toContain("toy-reader");
    const cameras = JSON.stringify([{ name: "toys", url: "http://10.0.0.7/", topic: "toys" }]);
    expect(problems({ "video.enabled": "true", "video.cameras": cameras })).toContain(
      "two topics of the name toys",
    );
  });

  it("does not compile with a misspelt key", () => {
    const config = parseConfig(on);
    expect(config.toy.memoryMB).toBe(128);
    // @ts-expect-error: there is no such key
    expect(config.toy.memoryKB).toBeUndefined();
  });
});

describe("a pipeline more, running", () => {
  let root: string;
  let remove: () => void;
  beforeEach(() => {
    ({ root, remove } = checkoutForTests());
    mkdirSync(join(root, "images/toy"));
    writeFileSync(
      join(root, "images/toy/Dockerfile"),
      "ARG BASE\nFROM $BASE\nCOPY apps/common /app/common\n",
    );
  });
  afterEach(() => remove());

  it("has containers that wait for what they use, and are told where it is", async () => {
    const recorded = await recordResources();
    const config = parseConfig(on);
    const outputs = standUp({ lab: unitLab(), config, plan: planLab(config), root });
    const known = z.record(z.string(), z.unknown()).parse(await settled(pulumi.output(outputs)));
    await pulumi.runtime.disconnect();
    expect(Object.keys(known).sort()).toEqual([
      "bootstrapServers",
      "consumers",
      "coreStages",
      "excerpts",
      "forwards",
      "hints",
      "hosts",
      "kafka",
      "lab",
      "placement",
      "postgresUrl",
      "probes",
      "standing",
      "startOrder",
      "topics",
      "toyUrl",
      "watched",
    ]);
    expect(known.toyUrl).toBe("http://127.0.0.1:9801");
    expect(known.startOrder).toEqual([
      expect.arrayContaining(["kafka-0", "postgres"]),
      ["toy-writer-1"],
      ["toy-reader-1"],
    ]);
    expect(known.watched).toEqual([
      {
        service: "toy-reader-1",
        role: "reader",
        url: "http://127.0.0.1:9800/metrics",
        counter: "toys_read_total",
      },
    ]);
    const inputs = (name: string) =>
      recorded.find((one) => one.name === name && /Container$/.test(one.type))?.inputs;
    expect(inputs("toy-reader-1")?.envs).toEqual(
      expect.arrayContaining([
        "WRITER=edgelab-unit-toy-writer-1:7000",
        "POSTGRES_HOST=edgelab-unit-postgres",
        "POSTGRES_PASSWORD_FILE=/run/secrets/postgres-password",
      ]),
    );
    const labelled = z.array(z.object({ label: z.string(), value: z.string() }));
    const labels = labelled.parse(inputs("toy-writer-1")?.labels).map(({ label, value }) => [label, value]);
    expect(labels).toEqual([
      ["edgelab.checkout", "somebody@here:/edgelab"],
      ["edgelab.lab", unitId],
      ["edgelab.pipeline", "toy"],
      ["edgelab.project", "edgelab"],
      ["edgelab.role", "writer"],
      ["edgelab.stack", "unit"],
    ]);
    const names = recorded.map(({ name }) => name);
    expect(names.indexOf("toy-writer-1")).toBeLessThan(names.indexOf("toy-reader-1"));
  });

  it.each([
    ["local", "edgelab-unit-toy-writer-1", undefined],
    ["ssh", "10.0.0.1", "m1"],
    ["openstack", "192.168.5.11", "vm1"],
  ] as const)(
    "is all there on %s: topic, images, limits, labels, firewall and outputs",
    async (target, writer, host) => {
      for (const name of ["key", "key.pub"]) writeFileSync(join(root, name), "a key");
      const recorded = await recordResources();
      const config = configOn(target, { "ssh.keyFile": "key" });
      const outputs = standUp({ lab: unitLab(), config, plan: planLab(config), root });
      const known = z.record(z.string(), z.unknown()).parse(await settled(pulumi.output(outputs)));
      await pulumi.runtime.disconnect();
      const inputsOf = (type: string) =>
        recorded.filter((one) => one.type.endsWith(`:${type}`)).map(({ inputs }) => inputs);

      expect(inputsOf("Topic").map(({ name }) => name)).toEqual(expect.arrayContaining(["toys", "toys.dlq"]));
      expect(inputsOf("RemoteImage").map(({ name }) => name)).toContainEqual(
        expect.stringMatching(/^edgelab-unit\/toy:/),
      );
      const containers = inputsOf("Container").filter(({ name }) => String(name).includes("-toy-"));
      expect(containers).toHaveLength(2);
      for (const container of containers) {
        expect(container.memory).toBe(128);
        expect(container.labels).toContainEqual({ label: "edgelab.pipeline", value: "toy" });
      }
      expect(containers.flatMap(({ envs }) => envs)).toContain(`WRITER=${writer}:7000`);
      const open = inputsOf("Machine").map(({ name, firewall }) => [
        name,
        z.looseObject({ peerPorts: z.array(z.number()) }).parse(firewall).peerPorts,
      ]);
      if (host !== undefined) expect(open).toContainEqual([host, [7000, 9092, 29_093]]);
      const rules = inputsOf("SecGroupRule").filter(({ portRangeMin }) => portRangeMin === 7000);
      expect(rules.map(({ securityGroupId }) => securityGroupId)).toEqual(
        target === "openstack" ? ["openstack-security-writer-id"] : [],
      );
      expect(known.toyUrl).toBe("http://127.0.0.1:9801");
      expect(known.watched).toMatchObject([{ service: "toy-reader-1", counter: "toys_read_total" }]);
      expect(known.hosts).toHaveLength(target === "local" ? 1 : 5);
    },
  );
});
