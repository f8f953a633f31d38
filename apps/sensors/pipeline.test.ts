import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createProducer, type KafkaMessage } from "../common/kafka.ts";
import { openAdmin } from "../common/kafka-admin.ts";
import type { Postgres } from "../common/postgres.ts";
import { waitFor } from "../common/retry.ts";
import { startBroker, type TestBroker } from "../common/testing/broker.ts";
import { noting } from "../common/testing/consumer.ts";
import { startPostgres, type TestPostgres } from "../common/testing/postgres.ts";
import { deadLetterTopic, topicSettings } from "../common/topics.ts";
import { sensorTopics, topicNames } from "./contract.ts";
import { schema } from "./store/store.ts";

const timeoutMs = 60_000;
const apps: ChildProcess[] = [];
let broker: TestBroker;
let server: TestPostgres;
let postgres: Postgres;
let folder: string;

/** Runs an app as its container does, with these variables beside those that every app needs. */
function start(app: string, variables: Readonly<Record<string, string>>): ChildProcess {
  const env = {
    PATH: process.env.PATH,
    LOG_LEVEL: "fatal",
    HTTP_HOST: "127.0.0.1",
    HTTP_PORT: "0",
    KAFKA_BOOTSTRAP_SERVERS: broker.bootstrapServers.join(","),
    ...variables,
  };
  const child = spawn(process.execPath, [join(import.meta.dirname, app, "main.ts")], {
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  apps.push(child);
  return child;
}

async function end(app: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (app.exitCode !== null || app.signalCode !== null) return;
  const exited = once(app, "exit");
  app.kill(signal);
  await exited;
}

/** Rows of a question, once there are any. */
async function rows(text: string): Promise<readonly unknown[]> {
  return waitFor(
    text,
    async () => {
      const found = (await postgres.query(text)).rows;
      return found.length > 0 ? found : undefined;
    },
    { timeoutMs },
  );
}

const counted = z.tuple([z.object({ n: z.number() })]);
const count = async (of: string) =>
  counted.parse((await postgres.query(`SELECT count(*)::int AS n FROM ${of}`)).rows)[0].n;

beforeAll(async () => {
  [broker, server] = await Promise.all([startBroker(), startPostgres()]);
  folder = await mkdtemp(join(tmpdir(), "edgelab-sensors-"));
  postgres = server.open(schema);
  const admin = await openAdmin({ ...broker, clientId: "test" });
  // The simulator makes the topic of readings itself, with three partitions.
  const [readings, alerts] = sensorTopics({ partitions: 3 });
  if (readings === undefined || alerts === undefined) throw new Error("the contract has two topics");
  for (const topic of [alerts, deadLetterTopic(readings), deadLetterTopic(alerts)]) {
    const { name, partitions } = topic;
    await admin.createTopic({ name, partitions, replication: 1, config: topicSettings(topic) });
    await admin.awaitTopic({ name, partitions, replication: 1 }, timeoutMs);
  }
  await admin.close();
}, 300_000);

afterAll(async () => {
  await Promise.all(apps.map((app) => end(app, "SIGKILL")));
  await postgres?.close();
  await Promise.all([server?.close(), broker?.close()]);
  if (folder !== undefined) await rm(folder, { recursive: true });
});

describe("simulator, alerter and store", () => {
  it("bring readings and alerts into PostgreSQL, each once although alerter and store are killed meanwhile", async () => {
    const password = join(folder, "password");
    await writeFile(password, "none is asked for");
    const storing = {
      POSTGRES_HOST: "127.0.0.1",
      POSTGRES_PORT: String(server.port),
      POSTGRES_DB: "postgres",
      POSTGRES_USER: "lab",
      POSTGRES_PASSWORD_FILE: password,
    };
    const simulator = start("simulator", {
      KAFKA_PARTITIONS: "3",
      KAFKA_REPLICATION_FACTOR: "1",
      IOT_NUM_DEVICES: "40",
      IOT_DATA_INTERVAL_SEC: "0.1",
    });
    const killed = [start("alerter", {}), start("store", storing)];
    await rows(`SELECT FROM ${schema}.alerts WHERE cleared_at IS NULL`);
    await rows(`SELECT FROM ${schema}.readings OFFSET 2000 LIMIT 1`);
    await Promise.all(killed.map((app) => end(app, "SIGKILL")));
    start("alerter", {});
    start("store", storing);
    const before = await count(`${schema}.readings`);
    await rows(`SELECT FROM ${schema}.readings OFFSET ${before + 2000} LIMIT 1`);
    // Told to end, it hands all that it has over to Kafka first.
    await end(simulator, "SIGTERM");
    expect(simulator.exitCode).toBe(0);
    const admin = await openAdmin({ ...broker, clientId: "test" });
    const partitions = await admin.lag("iot-data-store", topicNames.readings);
    const sent = partitions.reduce((sum, { end: last }) => sum + Number(last), 0);
    await admin.close();
    await rows(`SELECT FROM ${schema}.readings OFFSET ${sent - 1} LIMIT 1`);
    expect(await count(`${schema}.readings`)).toBe(sent);
    for (const unit of ["minute", "hour"]) {
      const summed = await postgres.query(`SELECT sum(count)::int AS n FROM ${schema}.readings_by_${unit}`);
      expect(summed.rows).toEqual([{ n: sent }]);
    }
    const kinds = await rows(`SELECT DISTINCT kind FROM ${schema}.alerts ORDER BY kind`);
    expect(kinds).toEqual(
      expect.arrayContaining(["anomaly", "extreme-temperature", "high-humidity"].map((kind) => ({ kind }))),
    );
  }, 240_000);

  it("take readings of real devices, and move what is none aside with the reason", async () => {
    const producer = createProducer({ ...broker, clientId: "device" });
    const now = new Date().toISOString();
    const reading = { device: "roof-1", type: "pressure", value: 960.5, time: now };
    const wrong: Readonly<Record<string, string>> = {
      "not JSON": `{"device": "roof-1", "type": "pressure", "value": NaN, "time": "${now}"}`,
      ago: JSON.stringify({ ...reading, time: new Date(Date.now() - 365 * 86_400_000).toISOString() }),
      "a reading has 4096 at most": " ".repeat(100_000),
      "from 300 to 1100": JSON.stringify({ ...reading, value: 0 }),
    };
    for (const value of [...Object.values(wrong), JSON.stringify(reading)])
      await producer.send({ topic: topicNames.readings, key: "roof-1", value });
    await expect(
      producer.send({ topic: topicNames.readings, key: "roof-1", value: " ".repeat(10 * 1024 * 1024) }),
    ).rejects.toThrow(/larger than topic/);
    await producer.close();
    expect(await rows(`SELECT value FROM ${schema}.readings WHERE device = 'roof-1'`)).toEqual([
      { value: 960.5 },
    ]);
    expect(await rows(`SELECT kind, detail FROM ${schema}.alerts WHERE device = 'roof-1'`)).toEqual([
      { kind: "low-pressure", detail: "960.5 hPa is below 980 hPa" },
    ]);
    const letters: KafkaMessage[] = [];
    const reader = noting({
      ...broker,
      topic: `${topicNames.readings}.dlq`,
      groupId: "test",
      onBatch: async (messages) => {
        letters.push(...messages);
        return [];
      },
    });
    const expected = Object.entries(wrong);
    await waitFor("dead letters", async () => (letters.length >= expected.length ? true : undefined), {
      timeoutMs,
    });
    await reader.end();
    expect(letters.map(({ value }) => String(value))).toEqual(expected.map(([, value]) => value));
    letters.forEach((letter, index) => {
      expect(String(letter.headers.get("dlq-reason"))).toContain(expected[index]?.[0]);
    });
  }, 120_000);
});
