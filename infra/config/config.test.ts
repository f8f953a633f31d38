import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { labSchema, parseConfig } from "../pipelines/all.ts";
import { ConfigError, type Problem } from "./config.ts";
import { nothingFound } from "./found.ts";
import { loadConfig } from "./load.ts";

const { keys } = labSchema;

const root = join(import.meta.dirname, "../..");

function problemsOf(raw: Record<string, string>): readonly Problem[] {
  try {
    parseConfig(raw);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const cli = "./scripts/pulumi config";

describe("Pulumi.yaml", () => {
  const project = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as {
    config: Record<string, unknown>;
  };

  it("declares exactly the keys of the schema, with their defaults, real types and ranges", () => {
    const expected = [...keys].map(([key, info]) => [
      key,
      {
        // Pulumi would refuse a list that is set by --path, were its key declared as text.
        ...(info.structured ? {} : { type: "string" }),
        default: info.default,
        description: `${info.about} (${info.allowed})`,
      },
    ]);
    expect(Object.entries(project.config)).toEqual(expected);
    for (const info of keys.values()) expect(info.about).toMatch(/^[A-Z][^\n]{5,}$/);
  });

  it("has defaults that parse", () => {
    const raw = [...keys].map(([key, info]) => [key, info.default]);
    expect(parseConfig(Object.fromEntries(raw))).toEqual(parseConfig({}));
  });

  it("has a default stack that parses", () => {
    const stack = parse(readFileSync(join(root, "Pulumi.dev.yaml"), "utf8")) as {
      config: Record<string, unknown>;
    };
    const raw = Object.entries(stack.config).map(([key, value]) => [
      key.replace("edgelab:", ""),
      String(value),
    ]);
    expect(parseConfig(Object.fromEntries(raw))).toMatchObject({ target: "local", producers: 1 });
  });
});

describe("values that are allowed", () => {
  it.each<[Record<string, string>, object]>([
    [{ producers: "0" }, { producers: 0 }],
    [{ producers: "64", "disk.budgetGB": "100" }, { producers: 64 }],
    [{ keepData: "true" }, { keepData: true }],
    [{ "classification.rate": "0.5" }, { classification: { rate: 0.5 } }],
    [{ classification: '{"rate":0.5,"enabled":false}' }, { classification: { rate: 0.5, enabled: false } }],
    [{ "network.cidr": "172.30.0.0/24" }, { network: { cidr: "172.30.0.0/24" } }],
    [{ network: '{"cidr":""}' }, { network: { cidr: undefined } }],
    [{ "classification.model": "my models/resnet50" }, { classification: { model: "my models/resnet50" } }],
  ])("%j", (raw, expected) => {
    expect(parseConfig(raw)).toMatchObject(expected);
  });

  it("takes lists and maps as text, as such and by --path, all alike", () => {
    const hosts = '[{"name":"edge1","address":"10.0.0.1"}]';
    const cameras = '[{"name":"gate","url":"test","topic":"gate"}]';
    const flat = { "ssh.hosts": hosts, "video.cameras": cameras, target: "ssh", placement: "broker: edge1" };
    const path = { ssh: `{"hosts":${hosts}}`, video: `{"cameras":${cameras},"consumers":[]}`, target: "ssh" };
    const expected = parseConfig(flat);
    expect(expected.ssh.hosts).toMatchObject([{ name: "edge1", address: "10.0.0.1" }]);
    expect(parseConfig({ ...path, placement: '{"broker":"edge1"}' })).toEqual(expected);
  });

  it("takes a list only where one belongs", () => {
    const [problem, ...others] = problemsOf({ classification: '{"model":["a"]}' });
    expect(others).toEqual([]);
    expect(problem?.text).toMatch(/^classification.model is \["a"\]: it must be a path/);
  });

  it("cannot be changed afterwards", () => {
    const config = parseConfig({});
    expect(Object.isFrozen(config)).toBe(true);
    for (const group of ["network", "ports", "disk", "kafka", "postgres", "classification"] as const) {
      expect(Object.isFrozen(config[group])).toBe(true);
    }
  });
});

describe("a single value that is not allowed", () => {
  it.each([
    ["target", "clouds", "must be one of local, ssh, openstack", "set target local"],
    ["producers", "-1", "a whole number from 0 to 64", "set producers 1"],
    ["producers", "65", "a whole number from 0 to 64", "set producers 64"],
    ["producers", "abc", "a whole number from 0 to 64", "set producers 1"],
    ["producers", "", "a whole number from 0 to 64", "set producers 1"],
    ["producers", "1.5", "a whole number from 0 to 64", "set producers 2"],
    ["producers", "1e1", "a whole number from 0 to 64", "set producers 10"],
    ["keepData", "Yes", "true or false", "set keepData true"],
    ["classification.rate", "0.01", "a number from 0.1 to 5000", "set classification.rate 0.1"],
    ["classification.rate", "Infinity", "a number from 0.1 to 5000", "set classification.rate 5000"],
    ["kafka.brokers", "10", "a whole number from 1 to 9", "set kafka.brokers 9"],
    ["postgres.user", "Lab User", "lower-case letters", "set postgres.user lab_user"],
    ["postgres.database", "pg_lab", "lower-case letters", "set postgres.database edgelab"],
    ["network.cidr", "lab", "is not an IPv4 network", "rm network.cidr"],
    ["network.cidr", "172.30.0.300/24", "is not an IPv4 network", "rm network.cidr"],
    ["network.cidr", "8.8.8.0/24", "not in a private range", "rm network.cidr"],
    ["network.cidr", "172.30.1.7/24", "host bits", "set network.cidr 172.30.1.0/24"],
    ["network.cidr", "10.0.0.0/8", "prefix outside 16 to 28", "set network.cidr 10.0.0.0/16"],
  ])("%s = %j", (key, value, reason, command) => {
    const [problem, ...others] = problemsOf({ "disk.budgetGB": "1000", [key]: value });
    expect(others).toEqual([]);
    expect(problem?.key).toBe(key);
    expect(problem?.text).toContain(value === "" ? '""' : value);
    expect(problem?.text).toContain(reason);
    expect(problem?.commands).toEqual([`${cli} ${command}`]);
  });
});

describe("values that do not go together", () => {
  it.each<[string, Record<string, string>, string, string[]]>([
    [
      "kafka.replication",
      { "kafka.brokers": "2" },
      "at most kafka.brokers, which is 2",
      ["set kafka.replication 2", "set kafka.brokers 3"],
    ],
    [
      "kafka.minInsync",
      { "kafka.minInsync": "4" },
      "kafka.replication, which is 3",
      ["set kafka.minInsync 3"],
    ],
    ["kafka.memoryMB", { "kafka.heapMB": "2048" }, "which makes 3072", ["set kafka.memoryMB 3072"]],
    [
      "kafka.maxMessageKB",
      { "kafka.segmentMB": "16", "kafka.maxMessageKB": "10000" },
      "half of kafka.segmentMB, which is 16",
      ["set kafka.maxMessageKB 8192", "set kafka.segmentMB 20"],
    ],
    [
      "classification.retentionMB",
      { "classification.retentionMB": "16", "kafka.maxMessageKB": "4097" },
      "must be at least 17: Kafka deletes whole segments, and each must hold two of the largest messages (images.dlq: 4097 KB)",
      ["set classification.retentionMB 17"],
    ],
    [
      "classification.classifiers",
      { "classification.classifiers": "8" },
      "classification.partitions, which is 6",
      ["set classification.classifiers 6", "set classification.partitions 8"],
    ],
    [
      "network.cidr",
      { "network.cidr": "172.30.0.16/28", producers: "10", "disk.budgetGB": "30" },
      "13 addresses for the 16 containers",
      ["set network.cidr 172.30.0.0/27"],
    ],
    [
      "kafka.maxMessageKB",
      { "grayscale.enabled": "true", "grayscale.maxFrameKB": "2000" },
      "must be at least 2128 for the largest message of video-frames.dlq, processed-frames.dlq, with its headers",
      ["set kafka.maxMessageKB 2128"],
    ],
    [
      "kafka.insidePort",
      { "kafka.insidePort": "29092" },
      "makes kafka-0 listen on port 29092 of kafka-0, as kafka-0 does",
      ["set kafka.insidePort 19092"],
    ],
    [
      "postgres.port",
      { "postgres.port": "29094" },
      "would publish port 29094, and kafka.outsidePort publishes ports 29092 to 29094",
      ["set postgres.port 29095"],
    ],
    [
      "classification.producerPort",
      { producers: "3", "classification.producerPort": "8498" },
      "would publish ports 8498 to 8500, and classification.classifierPort publishes port 8500",
      ["set classification.producerPort 8501"],
    ],
    [
      "kafka.outsidePort",
      { "kafka.outsidePort": "65534" },
      "would publish ports 65534 to 65536, beyond 65535",
      ["set kafka.outsidePort 1024"],
    ],
    [
      "classification.retentionMB",
      { "classification.retentionMB": "500000" },
      "more than disk.budgetGB, which is 30",
      ["set classification.retentionMB 3104", "set disk.budgetGB 2214"],
    ],
    [
      "classification.keepHours",
      { producers: "4", "classification.keepHours": "24", "disk.budgetGB": "20" },
      "lets the tables (images, results: 17.9 GB; kept for 24 h) grow to 27.7 GB in all, more than disk.budgetGB, which is 20",
      ["set classification.keepHours 12", "set disk.budgetGB 28"],
    ],
  ])("%s: %j", (key, raw, reason, commands) => {
    const [problem, ...others] = problemsOf(raw);
    expect(others).toEqual([]);
    expect(problem?.key).toBe(key);
    expect(problem?.text).toContain(reason);
    expect(problem?.commands).toEqual(commands.map((command) => `${cli} ${command}`));
  });
});

describe("a pipeline that is off", () => {
  it("refuses nothing, whatever its keys say", () => {
    const off = {
      "classification.enabled": "false",
      "classification.retentionMB": "16",
      "classification.classifiers": "8",
      "classification.producerPort": "29092",
      "grayscale.maxFrameKB": "98304",
      "video.replication": "9",
      "kafka.maxMessageKB": "49152",
      "kafka.segmentMB": "1024",
    };
    expect(problemsOf(off)).toEqual([]);
  });
});

describe("a large frame", () => {
  it.each([
    ["20000", ["kafka.maxMessageKB"]],
    ["98304", ["kafka.maxMessageKB", "kafka.maxMessageKB", "kafka.maxMessageKB", "kafka.memoryMB"]],
  ])("of %s KB is a mistake with commands that mend it all", (maxFrameKB, keys_) => {
    const raw = { "grayscale.enabled": "true", "grayscale.maxFrameKB": maxFrameKB };
    const problems = problemsOf(raw);
    expect(problems.map(({ key }) => key)).toEqual(expect.arrayContaining(keys_));
    const commands = problems.map(({ commands: [first = ""] }) => first.split(" ").slice(3));
    const followed = Object.fromEntries(commands.map(([key, value]) => [key, value ?? ""]));
    expect(problemsOf({ ...raw, ...followed })).toEqual([]);
  });
});

describe("names", () => {
  const video = (raw: Record<string, string>) =>
    problemsOf({ "video.enabled": "true", ...raw }).map(({ text, commands }) => [text, commands[0]]);
  const camera = (topic: string) => JSON.stringify([{ name: "gate", url: "http://10.0.0.7/", topic }]);
  const consumer = (name: string, topic = "camera") => JSON.stringify([{ name, topic, kind: "frames" }]);

  it.each([
    ["a topic of another pipeline", { "video.cameras": camera("images") }, "two topics of the name images"],
    [
      "the dead letters of one",
      { "video.cameras": camera("images.dlq") },
      "two topics of the name images_dlq",
    ],
    [
      "a topic that Kafka cannot tell from one",
      { "video.cameras": camera("image_results"), "classification.enabled": "true" },
      undefined,
    ],
    [
      "a service of the pipeline's own",
      { "video.consumers": consumer("producer-1") },
      "two services of the name video-producer-1",
    ],
    [
      "a consumer group of another pipeline",
      { "video.consumers": consumer("group"), "grayscale.enabled": "true" },
      "two consumer groups of the name video-group",
    ],
    [
      "a folder of another pipeline",
      {
        "video.consumers": consumer("gray"),
        "video.outputFolder": "out",
        "grayscale.enabled": "true",
        "grayscale.outputFolder": "./out/gray/",
      },
      "two folders of the name out/gray/",
    ],
  ])("cannot be those of %s", (_, raw, reason) => {
    const found = video(raw);
    if (reason === undefined) expect(found).toEqual([]);
    else expect(found[0]?.[0]).toContain(reason);
  });
});

describe("keys", () => {
  it.each<[Record<string, string>, string, string]>([
    [{ producer: "2" }, "did you mean producers?", "rm producer"],
    [{ brokers: "2" }, "did you mean kafka.brokers?", "rm brokers"],
    [{ "kafka.broker": "2" }, "did you mean kafka.brokers?", "rm kafka.broker"],
    [{ kafka: '{"broker":2}' }, "did you mean kafka.brokers?", "rm --path kafka.broker"],
    [{ kafka: '{"a b":2}' }, "there is no such key", `rm --path 'kafka["a b"]'`],
    [{ colour: "red" }, "Pulumi.yaml lists them all", "rm colour"],
    [{ kafka: "3" }, "a group of keys (kafka.mode, ", "rm kafka"],
    [{ kafka: "[3]" }, "a group of keys", "rm kafka"],
    [{ kafka: '{"brokers":{"a":1}}' }, "a whole number from 1 to 9", "set --path kafka.brokers 3"],
    [{ kafka: '{"brokers":10}' }, "a whole number from 1 to 9", "set --path kafka.brokers 9"],
  ])("%j", (raw, reason, command) => {
    const [problem, ...others] = problemsOf(raw);
    expect(others).toEqual([]);
    expect(problem?.text).toContain(reason);
    expect(problem?.commands).toEqual([`${cli} ${command}`]);
  });

  it("that are set flat win over a member that has its default", () => {
    expect(parseConfig({ kafka: '{"brokers":3}', "kafka.brokers": "5" }).kafka.brokers).toBe(5);
  });

  it.each(["4", "5"])("must not be set in both ways: %s", (path) => {
    const [problem, ...others] = problemsOf({ kafka: `{"brokers":${path}}`, "kafka.brokers": "5" });
    expect(others).toEqual([]);
    expect(problem?.text).toBe(`kafka.brokers is set twice: to 5 as a key and to ${path} as a path (--path)`);
    expect(problem?.commands).toEqual([`${cli} rm kafka.brokers`, `${cli} rm --path kafka.brokers`]);
  });
});

describe("the message", () => {
  const bad = {
    producers: "-1",
    "kafka.brokers": "2",
    "classification.retentionMB": "500000",
    "network.cidr": "300.1.1.1/24",
    nosuch: "1",
  };

  it("has every mistake at once, and following all its first commands mends them", () => {
    expect(problemsOf(bad).map(({ key }) => key)).toEqual([
      "nosuch",
      "producers",
      "network.cidr",
      "kafka.replication",
      "classification.retentionMB",
    ]);
    expect(() => parseConfig(bad, { stack: "dev" })).toThrowError(
      /^5 mistakes in the configuration of stack dev/,
    );
  });

  it("names the stack in its commands and quotes for the shell", () => {
    expect(() => parseConfig({ "it's": "1" }, { stack: "dev" })).toThrowError(
      `${cli} rm 'it'\\''s' --stack dev`,
    );
  });

  it.each([
    [{ producers: "hunter2" }, "producers"],
    [{ postgres: '{"user":"hunter2 "}' }, "postgres"],
    [{ nosuch: "hunter2" }, "nosuch"],
    [{ postgres: '{"user":"a"}', "postgres.user": "hunter2" }, "postgres.user"],
  ])("does not show a secret: %j", (raw, secret) => {
    const parse = () => parseConfig(raw as Record<string, string>, { secretKeys: new Set([secret]) });
    expect(parse).toThrowError("[secret]");
    expect(parse).not.toThrowError("hunter2");
  });
});

describe("passwords of cameras", () => {
  const texts = ["gate: hunter2", "gate: *hunter2", "gate: !hunter2", "- hunter2", "hunter2"];
  const groups = ['{"passwords":{"gate":"hunter2"}}', '{"passwords":["hunter2"]}'];

  it.each([
    ...texts.map((text): Record<string, string> => ({ "video.passwords": text })),
    ...groups.map((video): Record<string, string> => ({ video })),
  ])("are never shown: %j", (raw) => {
    expect(() => parseConfig(raw)).toThrowError("[secret]");
    expect(() => parseConfig(raw)).not.toThrowError("hunter2");
  });

  it("are refused when they are not encrypted, with the command that mends it", () => {
    const [problem, ...others] = problemsOf({ "video.passwords": "gate: hunter2" });
    expect(others).toEqual([]);
    expect(problem?.text).toMatch(/^video.passwords is \[secret\]: it is not encrypted/);
    expect(problem?.commands).toEqual([`${cli} set --secret video.passwords`]);
    const [inGroup] = problemsOf({ video: '{"passwords":{"gate":"hunter2"}}' });
    expect(inGroup?.commands).toEqual([`${cli} set --path --secret video.passwords`]);
    const secret = { secretKeys: new Set(["video.passwords"]) };
    expect(parseConfig({ "video.passwords": "gate: hunter2" }, secret).video.passwords).toEqual({
      gate: "hunter2",
    });
  });

  it.each(["http://viewer:hunter2@10.0.0.7/", "http://10.0.0.7/video?usr=a&pwd=hunter2"])(
    "are refused in addresses, and not shown: %s",
    (url) => {
      const raw = { "video.cameras": JSON.stringify([{ name: "gate", url, topic: "gate" }]) };
      expect(() => parseConfig(raw)).toThrowError("must have no password in it");
      expect(() => parseConfig(raw)).not.toThrowError("hunter2");
    },
  );
});

describe("loadConfig", () => {
  const load = async (values: Record<string, string>) => {
    await pulumi.runtime.setMocks(
      { newResource: () => ({ id: "", state: {} }), call: () => ({}) },
      "edgelab",
      "unit",
    );
    pulumi.runtime.setAllConfig(values);
    return loadConfig(parseConfig, { before: new Map(), found: nothingFound });
  };

  it("reads the project's own namespace only", async () => {
    const values = { "edgelab:producers": "3", "other:producers": "9", "edgelab:kafka": '{"brokers":5}' };
    expect(await load(values)).toMatchObject({ producers: 3, kafka: { brokers: 5 } });
  });

  it("fails with an error of which Pulumi shows no stack trace", async () => {
    const failed = await load({ "edgelab:producers": "-1" }).catch((error: unknown) => error);
    expect(pulumi.RunError.isInstance(failed)).toBe(true);
    expect(String(failed)).toContain("config set producers 1 --stack unit");
  });
});
