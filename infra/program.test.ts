import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseConfig } from "./config.ts";
import { LocalHosts } from "./hosts/local.ts";
import { LabImages } from "./images.ts";
import { Cluster } from "./kafka/cluster.ts";
import { labOf } from "./lab.ts";
import { Images } from "./pipelines/images.ts";
import { Postgres } from "./stores/postgres.ts";
import { type Recorded, recordResources, settled } from "./testing/mocks.ts";

const checkout = join(import.meta.dirname, "..");
let root: string;

/** A checkout whose prepared content is only named, which is all that keys and plans look at. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "program-"));
  for (const folder of ["images", "apps"]) {
    cpSync(join(checkout, folder), join(root, folder), {
      recursive: true,
      filter: (path) => !/\/(stage|node_modules)(\/|$)/.test(path),
    });
  }
  const prepared = {
    ".edgelab/base-image": "edgelab/base:unit\n",
    ".edgelab/images/dataset/test.bin": "data",
    ".edgelab/images/model/model.onnx": "model",
    "images/node/stage/.key": "node",
    "images/kafka/stage/.key": "jars",
  };
  for (const [path, content] of Object.entries(prepared)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
});
afterEach(() => rmSync(root, { recursive: true }));

/** Runs the whole program but for its entry point, on mocks. */
async function run(raw: Record<string, string> = {}): Promise<{ recorded: Recorded[]; lab: Images }> {
  const recorded = await recordResources();
  const config = parseConfig(raw);
  const lab = labOf(pulumi.getProject(), pulumi.getStack());
  const { hosts } = new LocalHosts("local", { lab, cidr: config.network.cidr });
  const [host] = hosts;
  const images = new LabImages("images", { lab, host, config, root });
  const cluster = new Cluster("kafka", { lab, host, image: images.kafka, config });
  const postgres = new Postgres("postgres", { lab, host, image: images.postgres, config });
  const pipeline = new Images("images", { lab, host, config, images, cluster, postgres });
  await settled(postgres.url);
  await pulumi.runtime.disconnect();
  return { recorded, lab: pipeline };
}

const ofType = (recorded: Recorded[], type: string) =>
  recorded.filter((resource) => resource.type.endsWith(`:${type}`));
const container = (recorded: Recorded[], name: string) => {
  const found = ofType(recorded, "Container").find((resource) => resource.name === name);
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
      "images-classifier-1",
      "images-producer-1",
      "images-recorder-1",
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
    expect(ofType(recorded, "Network")).toHaveLength(1);
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
      ).toEqual(["edgelab.pipeline", "edgelab.project", "edgelab.role", "edgelab.stack"]);
      for (const port of inputs.ports as { ip: string }[]) expect(port.ip).toBe("127.0.0.1");
      expect(JSON.stringify(inputs.envs), name).not.toContain("generated-postgres-password");
      expect(inputs.privileged, name).toBeUndefined();
    }
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

  it("uses an image by its id, built on its base by the builder that works everywhere", async () => {
    const { recorded } = await run();
    expect(container(recorded, "images-producer-1").image).toBe("sha256:dataset-image");
    expect(container(recorded, "images-classifier-1").image).toBe("sha256:model-image");
    for (const { inputs } of ofType(recorded, "RemoteImage")) {
      expect(inputs.name).toMatch(/^edgelab-unit\/[a-z-]+:[0-9a-f]{12}$/);
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
      if (old === undefined) expect(resource.name).toMatch(/^images-producer-[23]$/);
      else expect(resource.inputs).toEqual(old);
    }
    expect(three.length - one.length).toBe(2);
  });

  it("sets the network's subnet only when one is given", async () => {
    const [free] = ofType((await run()).recorded, "Network");
    expect(free?.inputs.ipamConfigs).toBeUndefined();
    const [fixed] = ofType((await run({ network: '{"cidr":"10.87.0.0/24"}' })).recorded, "Network");
    expect(fixed?.inputs.ipamConfigs).toEqual([{ subnet: "10.87.0.0/24" }]);
  });

  it("takes the model from the folder it names, and says so when there is none", async () => {
    mkdirSync(join(root, "resnet"));
    writeFileSync(join(root, "resnet/model.onnx"), "resnet50");
    const { recorded } = await run({ images: '{"model":"resnet"}' });
    const model = ofType(recorded, "RemoteImage").find(({ name }) => name === "model-image");
    expect(model?.inputs.build).toMatchObject({
      context: "resnet",
      dockerfile: "../images/model/Dockerfile",
    });
    await expect(run({ images: '{"model":"nowhere"}' })).rejects.toThrow(/pulumi config set images\.model/);
  });

  it("rebuilds an image, and what stands on it, when its content changes, and no other", async () => {
    const names = async () =>
      new Map(ofType((await run()).recorded, "RemoteImage").map(({ name, inputs }) => [name, inputs.name]));
    const before = await names();
    writeFileSync(join(root, "apps/images/producer/extra.ts"), "export {};");
    const after = await names();
    const changed = [...before]
      .filter(([name, reference]) => after.get(name) !== reference)
      .map(([name]) => name);
    expect(changed.sort()).toEqual(["dataset-image", "images-producer-image"]);
  });
});
