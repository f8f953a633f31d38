import { randomBytes } from "node:crypto";
import { execa } from "execa";
import kafkajs from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { quorumOf } from "../../apps/common/kafka-quorum.ts";
import { docker, eventually, TestLab } from "../support/lab.ts";
import { anew, gone, upUnderLoad } from "../support/under-load.ts";

const offset = 1500;
const lab = new TestLab("rolling", {
  ports: { offset },
  classification: { rate: 5 },
  kafka: { version: "3.9" },
});

beforeAll(async () => {
  await lab.init();
  await lab.up();
});
afterAll(() => lab.remove());

describe("under load", () => {
  it("makes all brokers anew one after the other, and no client, for another version", async () => {
    const before = await lab.containers();
    lab.set("kafka", { version: "4.2" });
    const { verdict } = await upUnderLoad(lab);
    expect(verdict.problems).toEqual([]);
    expect(anew(before, await lab.containers()).sort()).toEqual(["kafka-0", "kafka-1", "kafka-2"]);
    expect(await lab.plan()).toEqual([]);
  });

  it("gives a fourth broker its share, and touches no other container", async () => {
    const before = await lab.containers();
    lab.set("kafka", { brokers: 4 });
    const { verdict, told } = await upUnderLoad(lab);
    expect(verdict.problems).toEqual([]);
    expect(anew(before, await lab.containers())).toEqual(["kafka-3"]);
    expect(told.join(" ")).toMatch(/broker 3 has [1-9]\d* and leads \d+/);
  });

  it("makes all brokers anew one after the other, and no client, for another heap", async () => {
    const before = await lab.containers();
    lab.set("kafka", { brokers: 4, heapMB: 400 });
    const { verdict } = await upUnderLoad(lab);
    expect(verdict.problems).toEqual([]);
    expect(anew(before, await lab.containers()).sort()).toEqual(["kafka-0", "kafka-1", "kafka-2", "kafka-3"]);
  });

  it("drains a broker before it goes", async () => {
    const before = await lab.containers();
    lab.set("kafka", { brokers: 3, heapMB: 400 });
    const { verdict, told } = await upUnderLoad(lab);
    expect(verdict.problems).toEqual([]);
    const after = await lab.containers();
    expect(anew(before, after)).toEqual([]);
    expect(gone(before, after)).toEqual(["kafka-3"]);
    expect(told.join(" ")).not.toContain("broker 3 has");
  });
});

const brokers = [0, 1, 2].map((id) => `127.0.0.1:${29_092 + offset + id}`);
const kafka = new kafkajs.Kafka({ clientId: "lab-test", brokers, logLevel: kafkajs.logLevel.NOTHING });

describe("an update that is cut short while replicas move", () => {
  const admin = kafka.admin();
  const topic = "filler";
  const reassigned = async () => (await admin.listPartitionReassignments({})).topics;
  const holders = async () => {
    const { topics } = await admin.fetchTopicMetadata();
    return topics.flatMap(({ partitions }) => partitions.map(({ replicas, isr }) => ({ replicas, isr })));
  };

  beforeAll(async () => {
    await admin.connect();
    await admin.createTopics({
      topics: [{ topic, numPartitions: 3, replicationFactor: 3 }],
      waitForLeaders: true,
    });
    const producer = kafka.producer();
    await producer.connect();
    // At 1 MB a second, what a new broker gets of these 90 MB is on its way for long enough to be cut short.
    for (let i = 0; i < 120; i += 1) {
      await producer.send({ topic, acks: -1, messages: [{ value: randomBytes(750_000) }] });
    }
    await producer.disconnect();
  });
  afterAll(() => admin.disconnect());

  it("is gone on with by the next one, which leaves nothing moving, nothing bounded, and no broker without its share", async () => {
    lab.set("kafka", { brokers: 4, heapMB: 400, moveMBps: 1 });
    const up = execa("bash", ["-c", `exec ${lab.upCommand()}`], {
      env: lab.env,
      detached: true,
      reject: false,
      all: true,
    });
    await eventually("replicas to be on their way", async () =>
      (await reassigned()).length > 0 ? true : undefined,
    );
    if (up.pid === undefined) throw new Error("the update could not be started");
    process.kill(-up.pid, "SIGKILL");
    await up;
    expect(await reassigned()).not.toEqual([]);
    await lab.cancel();
    await lab.up();
    expect(await reassigned()).toEqual([]);
    const all = await holders();
    expect(all.some(({ replicas }) => replicas.includes(3))).toBe(true);
    for (const { replicas, isr } of all) expect(isr.toSorted()).toEqual(replicas.toSorted());
    expect(await lab.plan()).toEqual([]);
  });

  it("is taken back by the config of before, though replicas are on their way", async () => {
    lab.set("kafka", { brokers: 3, heapMB: 400, moveMBps: 1 });
    await lab.up();
    expect((await holders()).filter(({ replicas }) => replicas.includes(3))).toEqual([]);
    expect(Object.keys(await lab.containers())).not.toContain("kafka-3");
  });
});

describe("a broker that does not come back", () => {
  it("ends the update, which leaves those after it alone, and goes on with it once it can", async () => {
    const { leader } = await quorumOf(brokers, undefined).state();
    const [first = -1, second = -1, last = -1] = [0, 1, 2].toSorted(
      (a, b) => Number(a === leader) - Number(b === leader),
    );
    const image = await docker("inspect", "--format", "{{.Image}}", `edgelab-${lab.stack}-kafka-${second}`);
    const inVolume = (script: string) => {
      const volume = `edgelab-${lab.stack}-kafka-${second}-data:/volume`;
      const entry = ["--user", "0", "--entrypoint", "bash", "--workdir", "/volume"];
      return docker("run", "--rm", "--network", "none", ...entry, "--volume", volume, image, "-ec", script);
    };
    // Read when a broker starts, and by nobody else.
    await inVolume(
      "cd data && cp -p meta.properties kept && sed -i s/^node.id=.*/node.id=77/ meta.properties",
    );
    const before = await lab.containers();
    lab.set("kafka", { heapMB: 416 });
    const failed = await lab.tryUp();
    process.stdout.write(`${failed.text}\n`);
    expect(failed.exitCode).not.toBe(0);
    expect(failed.text).toContain(`the volume belongs to node 77, but this is node ${second}`);
    expect(failed.text).toContain(
      `kafka-${second} has not come back healthy; kafka-${last} had to wait for it, and are left as they were`,
    );
    const stopped = await lab.containers();
    expect(stopped[`kafka-${first}`]).not.toBe(before[`kafka-${first}`]);
    expect(stopped[`kafka-${last}`]).toBe(before[`kafka-${last}`]);

    await inVolume("cd data && mv kept meta.properties");
    await lab.up("--refresh");
    const after = await lab.containers();
    expect(after[`kafka-${first}`]).toBe(stopped[`kafka-${first}`]);
    expect(after[`kafka-${last}`]).not.toBe(before[`kafka-${last}`]);
    expect(await lab.plan()).toEqual([]);
  });
});
