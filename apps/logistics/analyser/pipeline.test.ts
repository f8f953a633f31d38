import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Documents, openDocuments } from "../../common/documents.ts";
import { createProducer, type KafkaMessage, type KafkaProducer } from "../../common/kafka.ts";
import { openAdmin } from "../../common/kafka-admin.ts";
import { waitFor } from "../../common/retry.ts";
import { startBroker, type TestBroker } from "../../common/testing/broker.ts";
import { type NotingConsumer, noting } from "../../common/testing/consumer.ts";
import { startDocuments, type TestDocuments } from "../../common/testing/documents.ts";
import { freePort } from "../../common/testing/free-ports.ts";
import { deadLetterName, deadLetterTopic, topicSettings } from "../../common/topics.ts";
import { collections, logisticsTopics, type ReadingDocument, topicNames } from "../contract.ts";
import type { ForecastDocument } from "./documents.ts";
import type { Observation } from "./fit/history.ts";
import { forecastAt } from "./model/forecast.ts";
import { storeModel } from "./models/store-model.ts";
import { someModel } from "./testing/models.ts";
import { syntheticSeries } from "./testing/series.ts";

const timeoutMs = 120_000;
const series = syntheticSeries({ seed: 1, count: 24 * 8, everySeconds: 3600, noise: 2, daily: 40 });
const [known, next] = [series.slice(0, -48), series.slice(-48)];
let broker: TestBroker;
let server: TestDocuments;
let documents: Documents;
let producer: KafkaProducer;
let folder: string;
let app: ChildProcess | undefined;
let url: string;
let consumers: NotingConsumer[] = [];
const results: KafkaMessage[] = [];
const letters: KafkaMessage[] = [];

/** Starts the analyser as its container does. */
async function start(): Promise<void> {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  app = spawn(process.execPath, [join(import.meta.dirname, "main.ts")], {
    env: {
      PATH: process.env.PATH,
      LOG_LEVEL: "fatal",
      HTTP_HOST: "127.0.0.1",
      HTTP_PORT: String(port),
      KAFKA_BOOTSTRAP_SERVERS: broker.bootstrapServers.join(","),
      DOCUMENTS_HOST: server.at.host,
      DOCUMENTS_PORT: String(server.at.port),
      DOCUMENTS_DB: server.at.database,
      DOCUMENTS_USER: server.at.user,
      DOCUMENTS_PASSWORD_FILE: join(folder, "password"),
      MODEL_PATH: join(folder, "models"),
      MODEL_CHECK_SEC: "0.2",
    },
    stdio: ["ignore", "inherit", "inherit"],
  });
}

async function end(signal: NodeJS.Signals): Promise<void> {
  if (app === undefined || app.exitCode !== null || app.signalCode !== null) return;
  const exited = once(app, "exit");
  app.kill(signal);
  await exited;
}

const idOf = (sensor: string, timeMs: number) => `${sensor}/${new Date(timeMs).toISOString()}`;

/** Sends readings as a bridge does. */
async function send(sensor: string, readings: readonly Observation[]): Promise<void> {
  const topic = topicNames.readings;
  await Promise.all(
    readings.map(({ timeMs, value }) => {
      const ts = new Date(timeMs).toISOString();
      return producer.send({
        topic,
        key: sensor,
        value: JSON.stringify({ ts, sensor, value, id: `${sensor}/${ts}` }),
      });
    }),
  );
}

const stored = (sensor: string) =>
  documents.collection<ForecastDocument>(collections.forecasts).find({ sensor }).sort({ ds: 1 }).toArray();

const until = <T>(what: string, ask: () => Promise<T | undefined>) => waitFor(what, ask, { timeoutMs });

const metrics = async () => (await fetch(`${url}/metrics`)).text();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "edgelab-analyser-"));
  [broker, server] = await Promise.all([startBroker(), startDocuments()]);
  await writeFile(join(folder, "password"), server.at.password);
  documents = openDocuments(server.at);
  const admin = await openAdmin({ ...broker, clientId: "test" });
  for (const topic of logisticsTopics().flatMap((one) => [one, deadLetterTopic(one)])) {
    const { name, partitions } = topic;
    await admin.createTopic({ name, partitions, replication: 1, config: topicSettings(topic) });
    await admin.awaitTopic({ name, partitions, replication: 1 }, timeoutMs);
  }
  await admin.close();
  producer = createProducer({ ...broker, clientId: "test" });
  const note = (topic: string, noted: KafkaMessage[]) =>
    noting({
      ...broker,
      topic,
      groupId: `test-${topic}`,
      onBatch: async (messages) => {
        noted.push(...messages);
        return [];
      },
    });
  consumers = [note(topicNames.results, results), note(deadLetterName(topicNames.readings), letters)];
  await start();
}, 300_000);

afterAll(async () => {
  await end("SIGKILL");
  await Promise.all(consumers.map((consumer) => consumer.end()));
  await producer.close();
  await documents.close();
  await Promise.all([broker.close(), server.close()]);
  await rm(folder, { recursive: true });
}, 120_000);

describe("an analyser", () => {
  it("fits a model to what the documents have of a sensor, and forecasts its readings near to what they are", async () => {
    const history = known.map(
      ({ timeMs, value }): ReadingDocument => ({
        _id: idOf("a", timeMs),
        ts: new Date(timeMs),
        sensor: "a",
        value,
        receivedAt: new Date(),
      }),
    );
    await documents.insertNew(collections.readings, history);
    // The first reading tells of the sensor; it has no model yet.
    await send("a", known.slice(-1));
    await until("a model", async () =>
      (await metrics()).includes('fits_total{outcome="fitted",app="logistics-analyser"} 1')
        ? true
        : undefined,
    );
    await send("a", next);
    const forecasts = await until("forecasts", async () => {
      const found = await stored("a");
      return found.length >= next.length ? found : undefined;
    });
    const errors = next.map(({ value }, i) => Math.abs(value - (forecasts[i]?.yhat ?? Number.NaN)));
    // Of the readings' own noise nobody can forecast 1.6; their daily swing is 80.
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(8);
    expect(
      forecasts.every(({ yhat, yhat_lower, yhat_upper }) => yhat_lower < yhat && yhat < yhat_upper),
    ).toBe(true);
    await until("results", async () => (results.length >= next.length ? true : undefined));
    const [first] = results;
    expect(JSON.parse(first?.value?.toString() ?? "")).toEqual({
      ds: forecasts[0]?.ds.toISOString(),
      yhat: forecasts[0]?.yhat,
      yhat_lower: forecasts[0]?.yhat_lower,
      yhat_upper: forecasts[0]?.yhat_upper,
      sensor: "a",
    });
    expect(Object.keys(JSON.parse(first?.value?.toString() ?? ""))).toEqual([
      "ds",
      "yhat",
      "yhat_lower",
      "yhat_upper",
      "sensor",
    ]);
  }, 300_000);

  it("takes a model up that is put there while it runs, and goes on with it when a bad one replaces it", async () => {
    const model = someModel();
    const path = await storeModel(join(folder, "models"), model);
    const inUse = async () =>
      (await metrics()).includes('analyser_models{app="logistics-analyser"} 2') ? true : undefined;
    await until("the model to be loaded", inUse);
    await send("b", next.slice(0, 1));
    await writeFile(path, "{");
    const health = await until("the bad model to be told of", async () => {
      const text = await (await fetch(`${url}/healthz`)).text();
      return text.includes("default.json is no JSON") ? text : undefined;
    });
    expect(health).toContain("the one before it goes on");
    await send("b", next.slice(1, 2));
    const forecasts = await until("forecasts", async () => {
      const found = await stored("b");
      return found.length >= 2 ? found : undefined;
    });
    expect(forecasts.map(({ yhat }) => yhat)).toEqual(
      next.slice(0, 2).map(({ timeMs }) => forecastAt(model, timeMs).yhat),
    );
  }, 300_000);

  it("forecasts each reading once for the documents though it is killed, and puts aside what is no reading", async () => {
    const many = syntheticSeries({ seed: 2, count: 4000, everySeconds: 60, noise: 1 });
    const sending = send("c", many);
    await until("some forecasts", async () => ((await stored("c")).length > 200 ? true : undefined));
    await end("SIGKILL");
    await storeModel(join(folder, "models"), someModel());
    await start();
    await sending;
    await producer.send({ topic: topicNames.readings, key: "c", value: '{"ts": NaN}' });
    const forecasts = await until("every forecast", async () => {
      const found = await stored("c");
      return found.length >= many.length ? found : undefined;
    });
    expect(forecasts.map(({ _id }) => _id)).toEqual(many.map(({ timeMs }) => idOf("c", timeMs)));
    const published = () =>
      new Set(
        results
          .filter(({ key }) => key?.toString() === "c")
          .map(({ value }) => JSON.parse(value?.toString() ?? "").ds),
      );
    await until("every result", async () => (published().size >= many.length ? true : undefined));
    await until("the dead letter", async () => (letters.length > 0 ? true : undefined));
    expect(letters.map(({ headers }) => headers.get("dlq-reason")?.toString())).toEqual([
      expect.stringMatching(/^not JSON/),
    ]);
    await end("SIGTERM");
    expect(app?.exitCode).toBe(0);
  }, 300_000);
});
