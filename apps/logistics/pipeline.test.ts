import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Documents, openDocuments } from "../common/documents.ts";
import type { KafkaMessage } from "../common/kafka.ts";
import { openAdmin } from "../common/kafka-admin.ts";
import { createLogger } from "../common/logging.ts";
import { createMqttPublisher } from "../common/mqtt.ts";
import { waitFor } from "../common/retry.ts";
import { startBroker, type TestBroker } from "../common/testing/broker.ts";
import { type NotingConsumer, noting } from "../common/testing/consumer.ts";
import { startDocuments, type TestDocuments } from "../common/testing/documents.ts";
import { startMosquitto, type TestMosquitto } from "../common/testing/mosquitto.ts";
import { deadLetterName, deadLetterTopic, topicSettings } from "../common/topics.ts";
import { collections, logisticsTopics, mqttTopic, readingSchema, topicNames } from "./contract.ts";

const timeoutMs = 120_000;
const perSensor = 300;
const apps: ChildProcess[] = [];
const ending = new AbortController();
let broker: TestBroker;
let server: TestDocuments;
let mosquitto: TestMosquitto;
let documents: Documents;
let folder: string;
let consumers: NotingConsumer[] = [];
const readings: { id: string; sensor: string }[] = [];
const letters: KafkaMessage[] = [];

function mqtt(user: string) {
  return {
    MQTT_HOST: mosquitto.host,
    MQTT_PORT: String(mosquitto.port),
    MQTT_USER: user,
    MQTT_PASSWORD_FILE: join(folder, "password"),
  };
}

/** Runs an app as its container does. */
function start(app: string, variables: Readonly<Record<string, string>>): ChildProcess {
  const env = {
    PATH: process.env.PATH,
    LOG_LEVEL: "fatal",
    HTTP_HOST: "127.0.0.1",
    HTTP_PORT: "0",
    ...variables,
  };
  const child = spawn(process.execPath, [join(import.meta.dirname, app, "main.ts")], {
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  apps.push(child);
  return child;
}

function startBridge(number: number): ChildProcess {
  return start("bridge", {
    ...mqtt("bridge"),
    KAFKA_BOOTSTRAP_SERVERS: broker.bootstrapServers.join(","),
    DOCUMENTS_HOST: server.at.host,
    DOCUMENTS_PORT: String(server.at.port),
    DOCUMENTS_DB: server.at.database,
    DOCUMENTS_USER: server.at.user,
    DOCUMENTS_PASSWORD_FILE: join(folder, "password"),
    BRIDGE_NUMBER: String(number),
    BRIDGES: "2",
  });
}

function startSensor(number: number): ChildProcess {
  return start("sensor", {
    ...mqtt("sensor"),
    SENSOR_ID: `sensor-${number}`,
    CSV_FILE: join(folder, "readings.csv"),
    // A minute lies between two lines.
    SPEED: "4000",
    LOOP: "false",
  });
}

async function end(app: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (app.exitCode !== null || app.signalCode !== null) return;
  const exited = once(app, "exit");
  app.kill(signal);
  await exited;
}

const stored = (collection: string) => documents.collection(collection).countDocuments();
const atLeast = (what: string, count: number, ask: () => number | Promise<number>) =>
  waitFor(`${count} ${what}`, async () => ((await ask()) >= count ? true : undefined), { timeoutMs });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "edgelab-logistics-"));
  [broker, server, mosquitto] = await Promise.all([
    startBroker(),
    startDocuments(),
    startMosquitto({ bridge: ["topic read Image/+/+"], sensor: ["topic write Image/+/+"] }),
  ]);
  await writeFile(join(folder, "password"), mosquitto.password);
  const lines = Array.from({ length: perSensor }, (_, minute) => {
    const ts = new Date(Date.UTC(2026, 0, 5, 0, minute)).toISOString();
    return `${ts},${minute}${minute % 100 === 50 ? "\nbroken" : ""}`;
  });
  await writeFile(join(folder, "readings.csv"), ["ts,players", ...lines].join("\n"));
  documents = openDocuments(server.at);
  const admin = await openAdmin({ ...broker, clientId: "test" });
  for (const topic of logisticsTopics().flatMap((one) => [one, deadLetterTopic(one)])) {
    const { name, partitions } = topic;
    await admin.createTopic({ name, partitions, replication: 1, config: topicSettings(topic) });
    await admin.awaitTopic({ name, partitions, replication: 1 }, timeoutMs);
  }
  await admin.close();
  const note = (topic: string, each: (message: KafkaMessage) => void) =>
    noting({
      ...broker,
      topic,
      groupId: `test-${topic}`,
      onBatch: async (messages) => {
        messages.forEach(each);
        return [];
      },
    });
  consumers = [
    note(topicNames.readings, ({ value }) =>
      readings.push(readingSchema.parse(JSON.parse(value?.toString() ?? ""))),
    ),
    note(deadLetterName(topicNames.readings), (message) => letters.push(message)),
  ];
}, 300_000);

afterAll(async () => {
  ending.abort(new Error("the test has ended"));
  await Promise.all(apps.map((app) => end(app, "SIGKILL")));
  await Promise.all(consumers.map((consumer) => consumer.end()));
  await documents.close();
  await Promise.all([broker.close(), server.close(), mosquitto.close()]);
  await rm(folder, { recursive: true });
}, 120_000);

describe("the logistics pipeline", () => {
  it("has each reading once in the documents and on Kafka, though bridge, broker and store fail", async () => {
    const sensors = [1, 2, 3];
    const expected = sensors.length * perSensor;
    startBridge(1);
    const killed = startBridge(2);
    for (const number of sensors) startSensor(number);
    const third = Math.floor(expected / 3);
    await atLeast("readings stored", third / 2, () => stored(collections.readings));
    await end(killed, "SIGKILL");
    await mosquitto.stop("SIGTERM");
    await mosquitto.start();
    startBridge(2);
    await atLeast("readings stored", third, () => stored(collections.readings));
    await server.stop("SIGKILL");
    await server.start();
    await atLeast("readings stored", expected, () => stored(collections.readings));
    await atLeast("readings on Kafka", expected, () => new Set(readings.map(({ id }) => id)).size);

    const ids = await documents.collection(collections.readings).distinct("_id");
    expect(ids).toHaveLength(expected);
    expect(await stored(collections.readings)).toBe(expected);
    expect(await stored(collections.raw)).toBe(expected);
    expect(new Set(readings.map(({ id }) => id))).toEqual(new Set(ids));
    for (const number of sensors) {
      const own = readings.filter(({ sensor }) => sensor === `sensor-${number}`).map(({ id }) => id);
      // What came again aside, they are in the order of their times, which their ids begin with.
      const first = [...new Set(own)];
      expect(first).toEqual([...first].sort());
    }
    expect(letters).toEqual([]);
  }, 300_000);

  it("puts what is no reading aside, with the reason, and goes on", async () => {
    const log = createLogger({ app: "test", level: "fatal", environment: "test" });
    const { host, port, password } = mosquitto;
    const at = { host, port, password, user: "sensor", log, signal: ending.signal };
    const device = createMqttPublisher({ ...at, clientId: "device" });
    const before = await stored(collections.readings);
    const topic = mqttTopic(topicNames.readings, "device");
    const now = new Date().toISOString();
    const bad: [string | Buffer, RegExp][] = [
      ["no JSON", /^not JSON/],
      [`{"players": NaN, "ts": "${now}"}`, /^not JSON/],
      ['{"players": 1, "ts": "2019-01-01T00:00:00Z"}', / s ago$/],
      [Buffer.alloc(10_000_000, "x"), /^10000000 bytes/],
    ];
    for (const [payload] of bad) await device.publish(topic, payload);
    await device.publish(topic, JSON.stringify({ players: 5, ts: now }));
    await atLeast("readings stored", before + 1, () => stored(collections.readings));
    await atLeast("dead letters", bad.length, () => letters.length);
    const reasons = letters.map(({ headers }) => headers.get("dlq-reason")?.toString() ?? "");
    expect(reasons).toEqual(bad.map(([, reason]) => expect.stringMatching(reason)));
    expect(letters.map(({ headers }) => headers.get("dlq-topic")?.toString())).toEqual(bad.map(() => topic));
    expect(await stored(collections.readings)).toBe(before + 1);
    await device.close();
  }, 120_000);
});
