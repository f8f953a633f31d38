import { execa } from "execa";
import pg from "pg";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProducer } from "../apps/common/kafka.ts";
import { openAdmin } from "../apps/common/kafka-admin.ts";
import { measures } from "./support/cdf.ts";
import { disturbed, drilled } from "./support/drill.ts";
import { distinctIds, findMessage } from "./support/kafka.ts";
import { docker, eventually, type Outputs, TestLab } from "./support/lab.ts";

/** Away from the default lab's ports, so that both can be up at once. */
const offset = 1500;
/** So few that they come back in time while another lab takes most of the machine. */
const rate = 10;
const lab = new TestLab("whole", { ports: { offset }, producers: 1, classification: { rate } });
let outputs: Outputs;

async function query<Row>(text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: outputs.postgresUrl });
  await client.connect();
  try {
    return (await client.query(text)).rows as Row[];
  } finally {
    await client.end();
  }
}

/** How many latency samples the producer at that URL holds. */
async function samplesAt(url: string): Promise<number> {
  const answer = (await (await fetch(`${url}/latencies`)).json()) as { samples: { outcome: string }[] };
  return answer.samples.filter(({ outcome }) => outcome === "received").length;
}

async function rows(table: string): Promise<number> {
  const [row] = await query<{ n: string }>(`select count(*) as n from ${table}`);
  return Number(row?.n);
}

/** Messages ever written to a topic: the sum of its partitions' ends, as nothing is old enough to be deleted. */
async function written(topic: string): Promise<number> {
  const admin = await openAdmin({
    bootstrapServers: outputs.bootstrapServers.split(","),
    clientId: "lab-test",
  });
  try {
    const partitions = await admin.lag("lab-test-never-reads", topic);
    return Number(partitions.reduce((sum, { end }) => sum + end, 0n));
  } finally {
    await admin.close();
  }
}

/** Ids of the lab's containers that run. */
async function running(): Promise<string[]> {
  const ids = await docker("ps", "--quiet", "--filter", `label=edgelab.stack=${lab.stack}`);
  return ids.split("\n").filter((id) => id !== "");
}

beforeAll(async () => {
  await lab.init();
  await lab.up();
  outputs = await lab.outputs();
});

afterAll(async () => {
  await lab.remove();
});

describe("a fresh lab", () => {
  it("has every broker in the cluster and every topic as configured", async () => {
    const admin = await openAdmin({
      bootstrapServers: outputs.bootstrapServers.split(","),
      clientId: "lab-test",
    });
    try {
      expect((await admin.brokers()).map(({ id, port }) => [id, port])).toEqual([
        [0, 29092 + offset],
        [1, 29093 + offset],
        [2, 29094 + offset],
      ]);
      expect(outputs.topics).toEqual(["images", "image-results", "images.dlq", "image-results.dlq"]);
      const images = await admin.describeTopic("images");
      expect(images).toMatchObject({ partitions: 6, replication: 3 });
      expect(images?.config).toMatchObject({ "min.insync.replicas": "2", "retention.ms": "86400000" });
    } finally {
      await admin.close();
    }
  });

  it("stores images joined with their results", async () => {
    const sql = "select * from classified where predicted is not null limit 20";
    const classified = await eventually("20 classified images", async () => {
      const found = await query<{ label: string; predicted: string; score: number }>(sql);
      return found.length === 20 ? found : undefined;
    });
    expect(classified.filter(({ label, predicted }) => label === predicted).length).toBeGreaterThan(15);
  });

  it("brings results back to the producer, which measures their latency on its own clock", async () => {
    const [url] = outputs.producerUrls;
    const samples = await eventually("latency samples", async () => {
      const answer = await fetch(`${url}/latencies`);
      const { samples: found } = (await answer.json()) as {
        samples: { scheduledUs: number; receivedUs: number; outcome: string }[];
      };
      const received = found.filter(({ outcome }) => outcome === "received");
      return received.length >= 20 ? received : undefined;
    });
    for (const { scheduledUs, receivedUs } of samples) expect(receivedUs).toBeGreaterThan(scheduledUs);
  });

  it("classifies an image over HTTP and refuses what is none", async () => {
    const url = `${outputs.classifierUrl}/classify`;
    const pixels = { create: { width: 64, height: 48, channels: 3 as const, background: "crimson" } };
    for (const format of ["png", "jpeg", "webp"] as const) {
      const body = await sharp(pixels).toFormat(format).toBuffer();
      const answer = await fetch(url, { method: "POST", body: new Uint8Array(body) });
      expect(answer.status).toBe(200);
      const { top } = (await answer.json()) as { top: { label: string; score: number }[] };
      expect(top).toHaveLength(5);
      const scores = top.map(({ score }) => score);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    }
    const junk = await fetch(url, { method: "POST", body: "not an image" });
    expect(junk.status).toBe(400);
    expect(await junk.text()).toMatch(/image/);
    const large = await fetch(url, { method: "POST", body: new Uint8Array(64 * 1024 * 1024) });
    expect(large.status).toBe(413);
  });

  it("publishes ports on the loopback address only, and runs nothing as root or without a limit", async () => {
    const ids = Object.values(await lab.containers());
    expect(ids).toHaveLength(7);
    const containers = JSON.parse(await docker("container", "inspect", ...ids)) as {
      Name: string;
      Config: { User: string };
      HostConfig: {
        Memory: number;
        RestartPolicy: { Name: string };
        LogConfig: { Config: Record<string, string> };
        PortBindings: Record<string, { HostIp: string }[]>;
      };
      State: { Health: { Status: string } };
    }[];
    for (const { Config, HostConfig, State } of containers) {
      expect(State.Health.Status).toBe("healthy");
      expect(Config.User).toMatch(/^1000[123]/);
      expect(HostConfig.Memory).toBeGreaterThan(0);
      expect(HostConfig.RestartPolicy.Name).toBe("unless-stopped");
      expect(HostConfig.LogConfig.Config["max-size"]).toBe("10m");
      const addresses = Object.values(HostConfig.PortBindings).flatMap((list) =>
        list.map(({ HostIp }) => HostIp),
      );
      expect(addresses.every((address) => address === "127.0.0.1")).toBe(true);
    }
  });

  it("keeps the database password out of the state, the containers' settings, logs, images and the process list", async () => {
    const password = decodeURIComponent(new URL(outputs.postgresUrl).password);
    expect(password.length).toBeGreaterThan(24);
    expect(lab.stateText()).not.toContain(password);
    const inspected = await docker("container", "inspect", ...Object.values(await lab.containers()));
    expect(inspected).not.toContain(password);
    expect((await execa("ps", ["-eo", "args"])).stdout).not.toContain(password);
    for (const id of Object.values(await lab.containers())) {
      const { all } = await execa("docker", ["container", "logs", id], { all: true });
      expect(all.length).toBeGreaterThan(0);
      expect(all).not.toContain(password);
      const image = await docker("container", "inspect", "--format={{.Image}}", id);
      expect(await docker("image", "history", "--no-trunc", image)).not.toContain(password);
    }
  });

  it("lets those who use the database reach it, and nobody else", async () => {
    const database = `edgelab-${lab.stack}-postgres`;
    const format = "--format={{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    const address = await docker("container", "inspect", format, database);
    const reach = async (from: string, host: string) => {
      const connect = `require("node:net").connect({ host: "${host}", port: 5432, timeout: 3000 })
        .on("connect", () => { console.log("reached"); process.exit(); })
        .on("timeout", () => { console.log("not reached"); process.exit(); })
        .on("error", ({ code }) => { console.log(code); process.exit(); })`;
      return docker("exec", `edgelab-${lab.stack}-${from}`, "node", "-e", connect);
    };
    expect(await reach("classification-recorder-1", database)).toBe("reached");
    expect(await reach("classification-recorder-1", address)).toBe("reached");
    expect(await reach("classification-producer-1", database)).toBe("ENOTFOUND");
    expect(await reach("classification-producer-1", address)).toBe("not reached");
  });

  it("changes nothing when it is brought up again", async () => {
    const before = await lab.containers();
    await lab.up("--expect-no-changes");
    await lab.up("--refresh", "--expect-no-changes");
    expect(await lab.containers()).toEqual(before);
  });
});

describe("messages that cannot be processed", () => {
  it("go to the dead-letter topic with the reason, and what is behind them is processed", async () => {
    const producer = createProducer({
      bootstrapServers: outputs.bootstrapServers.split(","),
      clientId: "lab-test",
    });
    const id = `poison.${Date.now()}`;
    const picture = await sharp({ create: { width: 32, height: 32, channels: 3, background: "blue" } })
      .png()
      .toBuffer();
    const message = (seq: number, value: Buffer) => ({
      topic: "images",
      // One key, so that all three are in one partition, in this order.
      key: Buffer.from(id),
      value,
      headers: {
        id: `${id}.${seq}`,
        producer: "lab-test",
        device: "0",
        seq: String(seq),
        label: "none",
        "content-type": "image/png",
        "scheduled-us": "1",
        "sent-us": String(Date.now() * 1000),
      },
    });
    try {
      for (const sent of [message(0, picture), message(1, picture.subarray(0, 40)), message(2, picture)]) {
        await producer.send(sent);
      }
    } finally {
      await producer.close();
    }
    const dead = await findMessage(
      outputs.bootstrapServers.split(","),
      "images.dlq",
      ({ headers }) => headers.get("id")?.toString() === `${id}.1`,
      60,
    );
    expect(dead.value?.equals(picture.subarray(0, 40))).toBe(true);
    expect(dead.key?.toString()).toBe(id);
    const header = (name: string) => dead.headers.get(name)?.toString();
    expect(header("dlq-topic")).toBe("images");
    expect(header("dlq-partition")).toMatch(/^[0-5]$/);
    expect(header("dlq-offset")).toMatch(/^\d+$/);
    expect(header("dlq-reason")).toMatch(/image/);
    const found = await eventually("the images around it", async () => {
      const list = await query<{ id: string }>(
        `select id from classified where id like '${id}%' and predicted is not null order by id`,
      );
      return list.length === 2 ? list : undefined;
    });
    expect(found.map((row) => row.id)).toEqual([`${id}.0`, `${id}.2`]);
  });
});

describe("rescaling", () => {
  it("adds producers and a classifier, touches nothing else, and takes them away again", async () => {
    const before = await lab.containers();
    lab.set("producers", 3);
    lab.set("classification", { rate, classifiers: 2 });
    const added = (await lab.plan()).filter(({ type }) => type !== "pulumi:pulumi:Stack");
    expect(added.map(({ op }) => op)).toEqual(added.map(() => "create"));
    expect(new Set(added.map(({ name }) => name))).toEqual(
      new Set(["classification-producer-2", "classification-producer-3", "classification-classifier-2"]),
    );
    expect(added.filter(({ type }) => type.startsWith("docker:"))).toHaveLength(3);
    await lab.up();
    const during = await lab.containers();
    expect(during).toMatchObject(before);
    expect(Object.keys(during)).toHaveLength(Object.keys(before).length + 3);
    const { producerUrls } = await lab.outputs();
    expect(producerUrls).toHaveLength(3);
    for (const url of producerUrls) {
      await eventually(`results at ${url}`, async () => ((await samplesAt(url)) > 20 ? true : undefined));
    }
    // The classifiers share the images.
    for (const port of [8500, 8501]) {
      await eventually(`classifier at ${port + offset} to have classified images`, async () => {
        const metrics = await (await fetch(`http://127.0.0.1:${port + offset}/metrics`)).text();
        const [, count] = /^images_classified_total\{source="kafka".*\} (\d+)$/m.exec(metrics) ?? [];
        return Number(count) > 20 ? true : undefined;
      });
    }

    lab.set("producers", 1);
    lab.set("classification", { rate });
    await lab.up();
    expect(await lab.containers()).toEqual(before);
  });
});

describe("./scripts/cdf", () => measures(lab, rate));

describe("a config with mistakes", () => {
  it("fails in the preview with every mistake and its mending command, and changes nothing", async () => {
    const before = await lab.containers();
    const mistakes = {
      producers: -1,
      prodcers: 3,
      network: { cidr: "300.1.2.0/24" },
      kafka: { brokers: 2 },
      classification: { rate, retentionMB: 1_000_000 },
    };
    for (const [key, value] of Object.entries(mistakes)) lab.set(key, value);
    const { exitCode, text } = await lab.preview();
    expect(exitCode).not.toBe(0);
    expect(text).toContain("5 mistakes");
    for (const key of [
      "producers",
      "prodcers",
      "network.cidr",
      "kafka.replication",
      "classification.retentionMB",
    ]) {
      expect(text).toMatch(new RegExp(`${key.replace(".", "\\.")} is .*\n.*fix: \\./scripts/pulumi config`));
    }
    expect(text).not.toMatch(/\n\s+at .*\.ts:\d+/);
    for (const key of ["prodcers", "network", "kafka"]) lab.set(key, undefined);
    lab.set("producers", 1);
    lab.set("classification", { rate });
    await lab.up("--expect-no-changes");
    expect(await lab.containers()).toEqual(before);
  });

  it("refuses to change the size of a living cluster's quorum, before anything is touched", async () => {
    lab.set("kafka", { brokers: 1, replication: 1, minInsync: 1 });
    const { exitCode, text } = await lab.preview();
    lab.set("kafka", undefined);
    expect(exitCode).not.toBe(0);
    expect(text).toMatch(/quorum of a living cluster cannot change from 3 to 1/);
  });

  it("refuses to take partitions of a topic away, which would delete what is in it", async () => {
    lab.set("classification", { rate, partitions: 3 });
    const { exitCode, text } = await lab.preview();
    lab.set("classification", { rate });
    expect(exitCode).not.toBe(0);
    // Both topics would lose some, and a preview ends at the one that it comes to first.
    expect(text).toMatch(
      /topic image(s|-results) has 6 partitions, .*3 would mean to delete it with its messages/,
    );
    expect(text).toMatch(/fix: set .* back to 6/);
  });
});

describe("repair", () => {
  it("makes anew what a killed update has left, and does not touch what somebody else made", async () => {
    const name = `edgelab-${lab.stack}-classification-recorder-1`;
    const made = async (...labels: string[]) => {
      await docker("rm", "--force", "--volumes", name);
      const [id = ""] = (await docker("image", "ls", "--quiet", "--filter", "reference=edgelab/base")).split(
        "\n",
      );
      await docker("create", "--name", name, ...labels.flatMap((label) => ["--label", label]), id, "true");
      return lab.tryUp("--refresh");
    };
    const refused = await made("edgelab.project=edgelab", "edgelab.stack=somebody-elses");
    expect(refused.exitCode).not.toBe(0);
    expect(refused.text).toContain(`fix: docker container rm --force ${name}   # if it can go`);
    expect(await docker("inspect", "--format", "{{.State.Status}}", name)).toBe("created");

    const ours = ["edgelab.project=edgelab", `edgelab.stack=${lab.stack}`];
    const others = await made(...ours, "edgelab.lab=edgelab-of-another", "edgelab.checkout=ann@lab:/edgelab");
    expect(others.exitCode).not.toBe(0);
    expect(others.text).toContain("the lab edgelab-of-another, brought up from ann@lab:/edgelab");
    expect(await docker("inspect", "--format", "{{.State.Status}}", name)).toBe("created");

    const repaired = await made(...ours, `edgelab.lab=${lab.labId()}`);
    expect(repaired.exitCode, repaired.text).toBe(0);
    expect(await docker("inspect", "--format", "{{.State.Health.Status}}", name)).toBe("healthy");
  });

  it("is kept from a lab of the same name that another checkout brings up or takes down", async () => {
    const before = await lab.containers();
    const other = new TestLab("whole", { ports: { offset }, producers: 1 });
    expect(other.stack).toBe(lab.stack);
    await other.init();
    const { exitCode, text } = await other.tryUp();
    expect(exitCode).not.toBe(0);
    expect(text).toMatch(
      new RegExp(
        `more of its names .* belong to the lab ${lab.labId()}, brought up from .*; nothing was touched`,
      ),
    );
    expect(text).toMatch(/fix: \.\/scripts\/down .* in that checkout/);
    const down = await other.down();
    expect(down.exitCode, down.all).toBe(0);
    expect(down.all).toContain(`to the lab ${lab.labId()}`);
    await other.remove();
    expect(await lab.containers()).toEqual(before);
    await lab.up("--refresh", "--expect-no-changes");
  });

  it("brings back a topic that was deleted by hand", async () => {
    const admin = await openAdmin({
      bootstrapServers: outputs.bootstrapServers.split(","),
      clientId: "lab-test",
    });
    try {
      await admin.deleteTopic("image-results.dlq", 30_000);
      await lab.up("--refresh");
      expect(await admin.describeTopic("image-results.dlq")).toMatchObject({ partitions: 1, replication: 3 });
    } finally {
      await admin.close();
    }
  });

  it("applies a topic's new retention in place", async () => {
    lab.set("classification", { rate, retentionHours: 12 });
    const steps = (await lab.plan()).filter(({ type }) => type !== "pulumi:pulumi:Stack");
    expect(new Set(steps.map(({ op }) => op))).toEqual(new Set(["update"]));
    expect(new Set(steps.map(({ type }) => type))).toEqual(new Set(["lab:kafka:Topic"]));
    await lab.up();
    const admin = await openAdmin({
      bootstrapServers: outputs.bootstrapServers.split(","),
      clientId: "lab-test",
    });
    try {
      expect((await admin.describeTopic("images"))?.config["retention.ms"]).toBe("43200000");
    } finally {
      await admin.close();
    }
  });
});

describe("faults", () => {
  it("a power cut is got over by ./scripts/start", async () => {
    const all = await running();
    await docker("kill", ...all);
    expect(await running()).toEqual([]);
    const cut = await lab.health();
    expect(cut.exitCode).toBe(1);
    const stopped = cut.rows.filter(({ fix }) => fix === `./scripts/start ${lab.stack}`);
    expect(stopped.map(({ what }) => what)).toEqual(
      expect.arrayContaining(["Kafka", `edgelab-${lab.stack}-postgres`]),
    );
    await lab.turn("start");
    expect((await running()).sort()).toEqual(all.sort());
    await lab.up("--refresh", "--expect-no-changes");
    await eventually("the lab to be healthy", async () => {
      const { rows } = await lab.health();
      // How soon Kafka answers is up to what else the machine has to do.
      const red = rows.filter(({ level, what }) => level === "red" && what !== "network");
      if (red.length > 0) throw new Error(JSON.stringify(red));
      return true;
    });
  });

  it("loses no image when PostgreSQL restarts and a broker is killed: a row for each", async () => {
    const before = await written("images");
    await docker("container", "restart", `edgelab-${lab.stack}-postgres`);
    // A broker killed outright as well: two of three replicas go on.
    await docker("container", "kill", `edgelab-${lab.stack}-kafka-1`);
    await eventually("images to go on", async () =>
      (await written("images")) > before + 40 ? true : undefined,
    );
    await docker("container", "start", `edgelab-${lab.stack}-kafka-1`);
    lab.set("producers", 0);
    await lab.up();
    const servers = outputs.bootstrapServers.split(",");
    const ids = async (topic: string) => distinctIds(servers, topic, await written(topic), 60);
    const sent = await ids("images");
    await eventually(`${sent} rows`, async () => ((await rows("images")) === sent ? true : undefined));
    const refused = await ids("images.dlq");
    await eventually("a result for each", async () =>
      (await rows("classified where predicted is not null")) === sent - refused ? true : undefined,
    );
  });

  it("pass a short drill: nothing acknowledged is lost, and nothing stands still", async () => {
    const verdict = await drilled(lab, ["--minutes", "0.5", "--faults", "crash", "--limit", "240"]);
    expect(verdict.faults.length).toBeGreaterThan(0);
    expect(
      verdict.probes.flatMap(({ acked, ends }) => [acked, ...ends.map(({ arrived }) => arrived)]),
    ).toEqual(expect.not.arrayContaining([0]));
  });

  it("pass a thousand malformed messages: each is put aside with its reason, and all others go on", async () => {
    await disturbed(lab, ["--malformed", "1000", "--limit", "240"]);
  });
});

describe("the end", () => {
  it("destroy keeps the data of a lab that was stopped when it is told to, and the next lab goes on with them", async () => {
    const [images, results] = [await rows("images"), await rows("results")];
    const messages = await written("images");
    lab.set("keepData", true);
    await lab.up();
    const count = (await running()).length;
    expect(await lab.turn("stop")).toContain(`Stopped ${count} containers`);
    expect(await running()).toEqual([]);
    expect(await lab.turn("stop")).toContain("Nothing of the lab was running");
    await lab.destroy();
    const kept = (await lab.leftovers()).filter(({ ids }) => ids.length > 0);
    expect(kept.map(({ kind, ids }) => [kind, ids.length])).toEqual([["volume", 4]]);

    lab.set("keepData", false);
    await lab.up();
    outputs = await lab.outputs();
    expect([await rows("images"), await rows("results")]).toEqual([images, results]);
    expect(await written("images")).toBe(messages);
    await lab.up("--refresh", "--expect-no-changes");
  });

  it("destroy leaves no container, network, volume or image", async () => {
    await lab.destroy();
    expect(await lab.leftovers()).toEqual([
      { kind: "container", ids: [] },
      { kind: "network", ids: [] },
      { kind: "volume", ids: [] },
      { kind: "image", ids: [] },
    ]);
  });
});
