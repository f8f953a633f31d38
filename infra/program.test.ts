import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { formatGoDuration, parseGoDuration } from "../lib/go-duration.ts";
import { watched } from "./containers/health-check.ts";
import { parseConfig, planLab } from "./pipelines/all.ts";
import { standUp } from "./stand-up.ts";
import { checkoutForTests } from "./testing/checkout.ts";
import { type Recorded, recordResources, settled, unitLab } from "./testing/mocks.ts";

let root: string;
let remove: () => void;
beforeEach(() => {
  ({ root, remove } = checkoutForTests());
});
afterEach(() => remove());

/** Runs the whole program but for its entry point, on mocks. */
async function run(
  raw: Record<string, string> = {},
): Promise<{ recorded: Recorded[]; outputs: Record<string, unknown> }> {
  const recorded = await recordResources();
  const config = parseConfig(raw, { secretKeys: new Set(["video.passwords"]) });
  const lab = unitLab();
  const outputs = standUp({ lab, config, plan: planLab(config), root });
  const known = await settled(pulumi.output(outputs));
  await pulumi.runtime.disconnect();
  return { recorded, outputs: known };
}

const ofType = (recorded: Recorded[], type: string) =>
  recorded.filter((resource) => resource.type.endsWith(`:${type}`));
const container = (recorded: Recorded[], name: string) => {
  const found = ofType(recorded, "Container").find(({ inputs }) => inputs.name === `edgelab-unit-${name}`);
  if (found === undefined) throw new Error(`no container ${name}`);
  return found.inputs as Record<string, unknown> & { envs: string[] };
};

describe("the default lab", () => {
  it("is seven containers, four topics and a volume for each that keeps data", async () => {
    const { recorded } = await run();
    expect(
      ofType(recorded, "Container")
        .map(({ name }) => name)
        .sort(),
    ).toEqual([
      "classification-classifier-1",
      "classification-producer-1",
      "classification-recorder-1",
      "kafka-0",
      "kafka-1",
      "kafka-2",
      "postgres",
    ]);
    expect(
      ofType(recorded, "Topic")
        .map(({ inputs }) => inputs.name)
        .sort(),
    ).toEqual(["image-results", "image-results.dlq", "images", "images.dlq"]);
    expect(
      ofType(recorded, "Volume")
        .map(({ inputs }) => inputs.name)
        .sort(),
    ).toEqual([
      "edgelab-unit-kafka-0-data",
      "edgelab-unit-kafka-1-data",
      "edgelab-unit-kafka-2-data",
      "edgelab-unit-postgres-data",
    ]);
    const networks = ofType(recorded, "Network").map(({ inputs }) => inputs.name);
    expect(networks.sort()).toEqual(["edgelab-unit-network", "edgelab-unit-postgres-network"]);
    expect(container(recorded, "classification-classifier-1").networksAdvanced).toEqual([
      { name: "edgelab-unit-network" },
    ]);
    expect(container(recorded, "classification-recorder-1").networksAdvanced).toEqual([
      { name: "edgelab-unit-network" },
      { name: "edgelab-unit-postgres-network" },
    ]);
    expect(container(recorded, "postgres").networksAdvanced).toEqual([
      { name: "edgelab-unit-postgres-network" },
    ]);
  });

  it("gives every container its limits, its labels and loopback ports, and none the database password", async () => {
    const { recorded } = await run();
    for (const { name, inputs } of ofType(recorded, "Container")) {
      expect(inputs, name).toMatchObject({
        name: `edgelab-unit-${name}`,
        restart: "unless-stopped",
        capabilities: { drops: ["ALL"] },
        securityOpts: ["no-new-privileges:true"],
        logOpts: { "max-size": "10m", "max-file": "3" },
        wait: true,
        networkMode: "bridge",
      });
      expect(inputs.memorySwap, name).toBe(inputs.memory);
      const labels = inputs.labels as { label: string; value: string }[];
      expect(
        labels.map(({ label }) => label),
        name,
      ).toEqual([
        "edgelab.checkout",
        "edgelab.lab",
        "edgelab.pipeline",
        "edgelab.project",
        "edgelab.role",
        "edgelab.stack",
      ]);
      for (const port of inputs.ports as { ip: string }[]) expect(port.ip).toBe("127.0.0.1");
      expect(JSON.stringify(inputs.envs), name).not.toContain("generated-postgres-password");
      expect(inputs.privileged, name).toBeUndefined();
      expect(inputs.readOnly, name).toBe(inputs.uploads === undefined);
      expect(Object.keys(inputs.tmpfs as object), name).toContain("/tmp");
    }
  });

  it("has brokers write to disk as kafka.flush says, and takes that back when it is off", async () => {
    const settings = async (raw: Record<string, string>) => {
      const { recorded } = await run(raw);
      return ofType(recorded, "Topic").map(({ inputs }) => {
        const { "flush.ms": ms, "flush.messages": messages } = inputs.config as Record<string, string>;
        return `${ms} ${messages}`;
      });
    };
    const never = "9223372036854775807";
    expect(new Set(await settings({}))).toEqual(new Set([`${never} ${never}`]));
    expect(new Set(await settings({ "kafka.flush": "interval", "kafka.flushSeconds": "2" }))).toEqual(
      new Set([`2000 ${never}`]),
    );
    expect(new Set(await settings({ "kafka.flush": "message" }))).toEqual(new Set([`${never} 1`]));
  });

  it("tells each broker its own identity and all of them the same quorum", async () => {
    const { recorded } = await run();
    const envs = [0, 1, 2].map((id) => container(recorded, `kafka-${id}`).envs);
    for (const [id, env] of envs.entries()) {
      expect(env).toContain(`KAFKA_CFG_NODE_ID=${id}`);
      expect(env).toContain(
        `KAFKA_CFG_ADVERTISED_LISTENERS=INSIDE://edgelab-unit-kafka-${id}:9092,OUTSIDE://127.0.0.1:${29092 + id}`,
      );
      expect(env).toContain("KAFKA_CLUSTER_ID=the-cluster");
    }
    const quorums = envs.map((env) =>
      env.find((entry) => entry.startsWith("KAFKA_CFG_CONTROLLER_QUORUM_VOTERS=")),
    );
    expect(new Set(quorums).size).toBe(1);
  });

  it("has a ZooKeeper ensemble in place of the quorum where that is wanted, and brokers that know of nothing else", async () => {
    const { recorded, outputs } = await run({ "kafka.mode": "zookeeper", "kafka.version": "3.9" });
    const servers = [1, 2, 3].map((id) => `${id}=edgelab-unit-zookeeper-${id}:2888:3888`).join(" ");
    const node = container(recorded, "zookeeper-2");
    expect(node.envs).toEqual(
      expect.arrayContaining(["ZOOKEEPER_ID=2", `ZOOKEEPER_SERVERS=${servers}`, "ZOOKEEPER_MAX_CLIENTS=60"]),
    );
    expect(node).toMatchObject({
      image: "sha256:zookeeper-image",
      networksAdvanced: [{ name: "edgelab-unit-zookeeper-network" }],
      ports: [{ internal: 9090, external: 9091, ip: "127.0.0.1" }],
      healthcheck: { tests: watched(["/opt/zookeeper/bin/healthy", "2181"]) },
    });
    const broker = container(recorded, "kafka-1");
    expect(broker.image).toBe("sha256:kafka-3.9-image");
    expect(broker.envs).toEqual(
      expect.arrayContaining([
        "KAFKA_CFG_BROKER_ID=1",
        "KAFKA_CFG_ZOOKEEPER_CONNECT=edgelab-unit-zookeeper-1:2181,edgelab-unit-zookeeper-2:2181,edgelab-unit-zookeeper-3:2181/kafka",
      ]),
    );
    expect(broker.envs.join()).not.toMatch(/CONTROLLER|PROCESS_ROLES|NODE_ID|CLUSTER_ID/);
    expect(broker.networksAdvanced).toEqual([
      { name: "edgelab-unit-network" },
      { name: "edgelab-unit-zookeeper-network" },
    ]);
    expect(outputs.zookeepers).toEqual(
      [1, 2, 3].map((id) => ({ service: `zookeeper-${id}`, url: `http://127.0.0.1:${9089 + id}` })),
    );
    expect(outputs).toMatchObject({ kafka: { mode: "zookeeper", version: "3.9" }, coreStages: 2 });
  });

  it("has controllers beside the brokers where so many are wanted, which alone vote", async () => {
    const { recorded } = await run({ "kafka.controllers": "3" });
    const first = [1, 2, 3].map((id) => `${99 + id}@edgelab-unit-kafka-controller-${id}:29093:its-folder`);
    const servers = "edgelab-unit-kafka-controller-1:29093,edgelab-unit-kafka-controllers:29093";
    const controller = container(recorded, "kafka-controller-3");
    expect(controller.envs).toEqual(
      expect.arrayContaining([
        "KAFKA_CFG_NODE_ID=102",
        "KAFKA_CFG_PROCESS_ROLES=controller",
        "KAFKA_CFG_LISTENERS=CONTROLLER://:29093",
        `KAFKA_CFG_CONTROLLER_QUORUM_BOOTSTRAP_SERVERS=${servers}`,
        `KAFKA_FIRST_VOTERS=${first.join(",")}`,
        "KAFKA_CLUSTER_ID=the-cluster",
      ]),
    );
    expect(controller.healthcheck).toMatchObject({ tests: watched(["/opt/kafka/bin/healthy", "29093"]) });
    expect(controller.networksAdvanced).toEqual([
      { name: "edgelab-unit-network", aliases: ["edgelab-unit-kafka-controllers"] },
    ]);
    const broker = container(recorded, "kafka-0").envs;
    expect(broker).toContain("KAFKA_CFG_PROCESS_ROLES=broker");
    expect(broker).toContain(`KAFKA_CFG_CONTROLLER_QUORUM_BOOTSTRAP_SERVERS=${servers}`);
    expect(broker).toContain(`KAFKA_FIRST_VOTERS=${first.join(",")}`);
    expect(broker.join()).not.toContain("QUORUM_VOTERS");
    const [quorum] = ofType(recorded, "Quorum");
    expect(quorum?.inputs.controllers).toEqual(
      [1, 2, 3].map((id) => ({ id: 99 + id, host: `edgelab-unit-kafka-controller-${id}`, port: 29_093 })),
    );
    expect(broker).toContain("KAFKA_CFG_LISTENERS=INSIDE://:9092,OUTSIDE://:29092");
  });

  it("gives brokers the same list however many controllers there are", async () => {
    const one = (await run({ "kafka.controllers": "1" })).recorded;
    const five = (await run({ "kafka.controllers": "5" })).recorded;
    // The first controllers are in the state, and stay what they were.
    const envs = (recorded: Recorded[]) =>
      container(recorded, "kafka-0").envs.filter((entry) => !entry.startsWith("KAFKA_FIRST_VOTERS="));
    expect(envs(five)).toEqual(envs(one));
  });

  it("uses an image by its id, built on its base by the builder that works everywhere", async () => {
    const { recorded } = await run();
    expect(container(recorded, "classification-producer-1").image).toBe("sha256:dataset-image");
    expect(container(recorded, "classification-classifier-1").image).toBe("sha256:model-image");
    for (const { inputs } of ofType(recorded, "RemoteImage")) {
      expect(inputs.name).toMatch(/^edgelab-unit\/[a-z0-9.-]+:[0-9a-f]{12}$/);
      expect(inputs.build).toMatchObject({ useLegacyBuilder: true, tags: [inputs.name] });
    }
  });
});

describe("config", () => {
  it("sets the number of producers and touches nothing else", async () => {
    const one = (await run({ producers: "1" })).recorded;
    const three = (await run({ producers: "3" })).recorded;
    const key = ({ type, name }: Recorded) => `${type} ${name}`;
    const before = new Map(one.map((resource) => [key(resource), resource.inputs]));
    for (const resource of three) {
      const old = before.get(key(resource));
      if (old === undefined) expect(resource.name).toMatch(/^classification-producer-[23]$/);
      else expect(resource.inputs).toEqual(old);
    }
    expect(three.length - one.length).toBe(2);
  });

  it("sets the network's subnet only when one is given", async () => {
    const subnets = async (raw?: Record<string, string>) => {
      const networks = ofType((await run(raw)).recorded, "Network");
      return Object.fromEntries(networks.map(({ inputs }) => [inputs.name, inputs.ipamConfigs]));
    };
    expect(Object.values(await subnets())).toEqual([undefined, undefined]);
    expect(await subnets({ network: '{"cidr":"10.87.0.0/24"}' })).toEqual({
      "edgelab-unit-network": [{ subnet: "10.87.0.0/24" }],
      "edgelab-unit-postgres-network": undefined,
    });
  });

  it("takes the model from the folder it names, and says so when there is none", async () => {
    mkdirSync(join(root, "resnet"));
    writeFileSync(join(root, "resnet/model.onnx"), "resnet50");
    const { recorded } = await run({ classification: '{"model":"resnet"}' });
    const model = ofType(recorded, "RemoteImage").find(({ name }) => name === "model-image");
    expect(model?.inputs.build).toMatchObject({
      context: "resnet",
      dockerfile: "images/model/Dockerfile",
    });
    await expect(run({ classification: '{"model":"nowhere"}' })).rejects.toThrow(
      /pulumi config set classification\.model/,
    );
  });

  it("gives every Dockerfile as the docker provider looks for it: from the working directory, not the context", async () => {
    const images = ofType((await run()).recorded, "RemoteImage");
    expect(images.length).toBeGreaterThan(5);
    for (const { name, inputs } of images) {
      const { dockerfile } = inputs.build as { dockerfile: string };
      expect(existsSync(join(root, dockerfile)), `${name}: ${dockerfile}`).toBe(true);
    }
  });

  it("writes every duration in the one form that the docker provider reads back", async () => {
    const all = { video: '{"enabled":true}', grayscale: '{"enabled":true}' };
    const containers = ofType((await run(all)).recorded, "Container");
    for (const { name, inputs } of containers) {
      const { interval, timeout, startPeriod } = inputs.healthcheck as Record<string, string>;
      for (const text of [interval, timeout, startPeriod]) {
        expect(formatGoDuration(parseGoDuration(text ?? "") ?? Number.NaN), name).toBe(text);
      }
    }
  });

  it("rebuilds an image, and what stands on it, when its content changes, and no other", async () => {
    const names = async () =>
      new Map(ofType((await run()).recorded, "RemoteImage").map(({ name, inputs }) => [name, inputs.name]));
    const before = await names();
    writeFileSync(join(root, "apps/classification/producer/extra.ts"), "export {};");
    const after = await names();
    const changed = [...before]
      .filter(([name, reference]) => after.get(name) !== reference)
      .map(([name]) => name);
    expect(changed.sort()).toEqual(["classification-producer-image", "dataset-image"]);
  });
});

describe("what nothing uses", () => {
  it("is not there: no store, no image and no output of a pipeline that is off", async () => {
    const { recorded, outputs } = await run({ "classification.enabled": "false" });
    expect(ofType(recorded, "Container").map(({ name }) => name)).toEqual(["kafka-0", "kafka-1", "kafka-2"]);
    expect(ofType(recorded, "RemoteImage").map(({ name }) => name)).toEqual([
      "kafka-image",
      "kafka-4.2-image",
    ]);
    expect(Object.keys(outputs).sort()).toEqual([
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
      "probes",
      "standing",
      "startOrder",
      "topics",
      "watched",
    ]);
  });

  it("is not waited for: without a producer no counter need grow", async () => {
    expect((await run({ producers: "0" })).outputs.watched).toEqual([]);
    expect((await run({ producers: "1" })).outputs.watched).not.toEqual([]);
  });

  it("has no output without a value", async () => {
    const { outputs } = await run();
    expect(Object.values(outputs)).not.toContain(undefined);
    expect(outputs).toMatchObject({ producers: 1, classifierUrl: "http://127.0.0.1:8500" });
  });
});

describe("the video pipeline", () => {
  const cameras = JSON.stringify([
    { name: "LabTappoCam1", url: "http://10.1.57.20:9085/", user: "lab", topic: "LabTappoCam1" },
    { name: "FrontGATE1", url: "rtsp://10.1.57.21/main", topic: "FrontGATE1", format: "json", fps: 10 },
  ]);
  const consumers = JSON.stringify([
    { name: "gate", topic: "FrontGATE1", kind: "single" },
    { name: "frames", topic: "LabTappoCam1", kind: "frames", keepMB: 500 },
  ]);
  const env = (inputs: { envs: string[] }, name: string) =>
    inputs.envs.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);

  it("has a camera of its own, a saver and a recorder, when nothing but being on is said", async () => {
    const { recorded } = await run({ "video.enabled": "true" });
    const names = ofType(recorded, "Container").map(({ name }) => name);
    expect(names.filter((name) => name.startsWith("video-")).sort()).toEqual([
      "video-archive",
      "video-camera-1",
      "video-frames",
      "video-producer-1",
    ]);
    const [camera] = JSON.parse(env(container(recorded, "video-producer-1"), "CAMERAS") ?? "[]");
    expect(camera.source).toEqual({ type: "mjpeg", url: "http://edgelab-unit-video-camera-1:9085/" });
    expect(ofType(recorded, "Volume").map(({ name }) => name)).toContain("video-archive-files");
  });

  it("sends each camera to its topic, and gives a password to the producer as a file only", async () => {
    const { recorded } = await run({
      "video.enabled": "true",
      "video.cameras": cameras,
      "video.consumers": consumers,
      "video.passwords": "LabTappoCam1: hunter2",
    });
    const producer = container(recorded, "video-producer-1");
    expect(JSON.parse(env(producer, "CAMERAS") ?? "[]")).toEqual([
      {
        name: "LabTappoCam1",
        topic: "LabTappoCam1",
        format: "jpeg",
        fps: 30,
        maxFrameKB: 100,
        source: {
          type: "mjpeg",
          url: "http://10.1.57.20:9085/",
          user: "lab",
          passwordFile: "/run/secrets/camera-LabTappoCam1",
        },
      },
      {
        name: "FrontGATE1",
        topic: "FrontGATE1",
        format: "json",
        fps: 10,
        maxFrameKB: 100,
        source: { type: "ffmpeg", url: "rtsp://10.1.57.21/main" },
      },
    ]);
    expect(JSON.stringify(producer.envs)).not.toContain("hunter2");
    expect(ofType(recorded, "Container").map(({ name }) => name)).not.toContain("video-camera-1");
    const gate = container(recorded, "video-gate");
    expect([env(gate, "MODE"), env(gate, "FRAME_FORMAT"), env(gate, "KAFKA_CONSUMER_GROUP_ID")]).toEqual([
      "single",
      "json",
      "video-gate",
    ]);
    const topics = ofType(recorded, "Topic").map(({ inputs }) => inputs.name);
    expect(topics).toEqual(expect.arrayContaining(["LabTappoCam1", "FrontGATE1", "FrontGATE1.dlq"]));
    // Base64 takes a third more.
    const limit = (name: string) => {
      const config = ofType(recorded, "Topic").find(({ inputs }) => inputs.name === name)?.inputs.config;
      return Number((config as Record<string, string> | undefined)?.["max.message.bytes"]);
    };
    expect(limit("FrontGATE1")).toBeGreaterThan(limit("LabTappoCam1"));
  });

  it("writes to a folder of the host where one is named", async () => {
    const { recorded } = await run({ "video.enabled": "true", "video.outputFolder": "recordings" });
    const folders = ofType(recorded, "Folder").map(({ inputs }) => inputs.path);
    expect(folders.sort()).toEqual([join(root, "recordings/archive"), join(root, "recordings/frames")]);
    expect(container(recorded, "video-frames").volumes).toEqual([
      { hostPath: join(root, "recordings/frames"), containerPath: "/output", readOnly: false },
    ]);
  });
});

describe("the grayscale pipeline", () => {
  it("has one producer and one writer, and processors that share the video in one group for each step", async () => {
    const { recorded } = await run({
      "grayscale.enabled": "true",
      "grayscale.steps": "grayscale,edges",
      "grayscale.processors": "2",
      "grayscale.file": "videos/in.mp4",
    });
    const groups = ["grayscale-1", "grayscale-2", "edges-1", "edges-2"].map((name) =>
      container(recorded, `grayscale-${name}`).envs.find((entry) =>
        entry.startsWith("KAFKA_CONSUMER_GROUP_ID="),
      ),
    );
    expect(groups.map((entry) => entry?.split("=")[1])).toEqual([
      "video-group",
      "video-group",
      "video-group-edges",
      "video-group-edges",
    ]);
    expect(container(recorded, "grayscale-producer-1").volumes).toEqual([
      { hostPath: join(root, "videos/in.mp4"), containerPath: "/input/in.mp4", readOnly: true },
    ]);
    expect(container(recorded, "grayscale-writer-1").volumes).toEqual([
      { hostPath: join(root, "output"), containerPath: "/output", readOnly: false },
    ]);
  });
});

describe("a lab of several machines", () => {
  const hosts = JSON.stringify(
    [1, 2, 3, 4].map((number) => ({ name: `vm${number}`, address: `192.168.5.${10 + number}` })),
  );
  const remote = { target: "ssh", "ssh.hosts": hosts };
  const env = (recorded: Recorded[], name: string, variable: string) =>
    container(recorded, name)
      .envs.find((entry) => entry.startsWith(`${variable}=`))
      ?.slice(variable.length + 1);

  it("has a ZooKeeper node on each of three machines, which is asked at its private address, and by you at the loopback one", async () => {
    const { recorded, outputs } = await run({ ...remote, "kafka.mode": "zookeeper", "kafka.version": "3.9" });
    expect(env(recorded, "zookeeper-2", "ZOOKEEPER_SERVERS")).toBe(
      "1=192.168.5.11:2888:3888 2=192.168.5.12:2888:3888 3=192.168.5.13:2888:3888",
    );
    expect(env(recorded, "zookeeper-2", "ZOOKEEPER_ADDRESS")).toBe("192.168.5.12");
    expect(env(recorded, "zookeeper-2", "ZOOKEEPER_ADMIN_ADDRESS")).toBe("127.0.0.1");
    expect(env(recorded, "zookeeper-2", "ZOOKEEPER_ADMIN_PORT")).toBe("9091");
    expect(container(recorded, "zookeeper-2").healthcheck).toMatchObject({
      tests: watched(["/opt/zookeeper/bin/healthy", "2181", "192.168.5.12"]),
    });
    expect(env(recorded, "kafka-0", "KAFKA_CFG_ZOOKEEPER_CONNECT")).toBe(
      "192.168.5.11:2181,192.168.5.12:2181,192.168.5.13:2181/kafka",
    );
    const forwarded = (outputs.forwards as { host: string; forwards: { port: number }[] }[]).map(
      ({ host, forwards }) => [host, forwards.map(({ port }) => port).filter((port) => port < 9100)],
    );
    expect(forwarded.slice(0, 3)).toEqual([
      ["vm1", expect.arrayContaining([9090])],
      ["vm2", expect.arrayContaining([9091])],
      ["vm3", expect.arrayContaining([9092])],
    ]);
  });

  it("has a broker on each of three machines, which find each other by private address", async () => {
    const { recorded } = await run(remote);
    const listeners = [0, 1, 2].map((id) => env(recorded, `kafka-${id}`, "KAFKA_CFG_LISTENERS"));
    expect(listeners).toEqual(
      [11, 12, 13].map(
        (address, id) =>
          `INSIDE://192.168.5.${address}:9092,OUTSIDE://127.0.0.1:${29092 + id},CONTROLLER://192.168.5.${address}:29093`,
      ),
    );
    expect(env(recorded, "kafka-2", "KAFKA_CFG_ADVERTISED_LISTENERS")).toBe(
      "INSIDE://192.168.5.13:9092,OUTSIDE://127.0.0.1:29094",
    );
    expect(env(recorded, "classification-producer-1", "KAFKA_BOOTSTRAP_SERVERS")).toBe(
      "192.168.5.11:9092,192.168.5.12:9092,192.168.5.13:9092",
    );
  });

  it("runs every container in its machine's network, and what only the operator uses on the loopback address", async () => {
    const { recorded, outputs } = await run(remote);
    for (const { name, inputs } of ofType(recorded, "Container")) {
      expect(inputs, name).toMatchObject({ networkMode: "host", ports: [] });
    }
    expect(env(recorded, "classification-producer-1", "HTTP_HOST")).toBe("127.0.0.1");
    expect(env(recorded, "classification-producer-1", "HTTP_PORT")).toBe("9601");
    const forwards = (outputs.forwards as { host: string; forwards: object[] }[]).flatMap(
      ({ host, forwards: own }) => own.map((forward) => ({ host, ...forward })),
    ) as { host: string; service: string; port: number }[];
    expect(forwards.find(({ service }) => service.endsWith("postgres"))).toEqual({
      host: "vm4",
      service: "edgelab-unit-postgres",
      port: 15_432,
      address: "192.168.5.14",
      remotePort: 5432,
    });
    const ports = forwards.map(({ port }) => port);
    expect(new Set(ports).size).toBe(ports.length);
    expect(ofType(recorded, "Network")).toEqual([]);
  });

  it("lets a machine's peers in where services of theirs need it, and nobody else anywhere", async () => {
    const { recorded } = await run(remote);
    const rules = Object.fromEntries(
      ofType(recorded, "Machine").map(({ name, inputs }) => {
        const { firewall } = inputs as { firewall: { peerPorts: number[] } };
        return [name, firewall.peerPorts];
      }),
    );
    expect(rules).toEqual({
      "vm1-machine": [9092, 29_093],
      "vm2-machine": [9092, 29_093],
      "vm3-machine": [9092, 29_093],
      "vm4-machine": [],
    });
  });

  it("sends an image only to the machines that run it, once", async () => {
    const { recorded } = await run({ ...remote, producers: "5" });
    const copies = ofType(recorded, "ImageCopy").map(({ name }) => name);
    expect(new Set(copies).size).toBe(copies.length);
    expect(copies.filter((name) => name.endsWith("-kafka-4.2-image")).sort()).toEqual([
      "vm1-kafka-4.2-image",
      "vm2-kafka-4.2-image",
      "vm3-kafka-4.2-image",
    ]);
    expect(copies.filter((name) => name.endsWith("-postgres-image"))).toEqual(["vm4-postgres-image"]);
  });

  it("takes other ports for a second broker on one machine", async () => {
    const two = JSON.stringify([
      { name: "a", address: "10.0.0.1" },
      { name: "b", address: "10.0.0.2" },
    ]);
    const { recorded } = await run({ target: "ssh", "ssh.hosts": two });
    expect(env(recorded, "kafka-2", "KAFKA_CFG_LISTENERS")).toBe(
      "INSIDE://10.0.0.1:9093,OUTSIDE://127.0.0.1:29094,CONTROLLER://10.0.0.1:29094",
    );
  });
});
