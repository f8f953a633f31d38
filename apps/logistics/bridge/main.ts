import { runApp } from "../../common/app.ts";
import { openDocuments } from "../../common/documents.ts";
import { messageOf } from "../../common/errors.ts";
import { createProducer } from "../../common/kafka.ts";
import { consumeMqtt } from "../../common/mqtt.ts";
import { retry } from "../../common/retry.ts";
import { collections, laneFilter, lanesOf, maxRequestBytes } from "../contract.ts";
import { bridge } from "./bridge.ts";
import { bridgeEnv } from "./env.ts";
import { bridgeMeters } from "./meters.ts";

const name = "logistics-bridge";
/** How often it is looked for documents that are not kept any more, ms. */
const dropEveryMs = 3_600_000;
/** Messages that the broker sends of a lane before the first of them is acknowledged. */
const receiveMaximum = 20;

await runApp({
  name,
  env: bridgeEnv,
  healthParts: ["documents"],
  start: ({ env, log, metrics, health, shutdown }) => {
    const { signal } = shutdown;
    const clientId = `${name}-${env.BRIDGE_NUMBER}`;
    const documents = openDocuments({
      host: env.DOCUMENTS_HOST,
      port: env.DOCUMENTS_PORT,
      database: env.DOCUMENTS_DB,
      user: env.DOCUMENTS_USER,
      password: env.DOCUMENTS_PASSWORD_FILE,
      maxConnections: 4,
      applicationName: clientId,
      log,
    });
    shutdown.add("documents", () => documents.close());
    const producer = createProducer({
      bootstrapServers: env.KAFKA_BOOTSTRAP_SERVERS,
      clientId,
      log,
      maxRequestBytes,
      onState: health.reporter("kafka"),
    });
    shutdown.add("producer", () => producer.close());
    const onMessage = bridge({
      ...bridgeMeters(metrics),
      topic: env.KAFKA_TOPIC_NAME,
      fields: env.FIELDS,
      lateMs: env.MAX_LATE_SEC * 1000,
      aheadMs: env.MAX_AHEAD_SEC * 1000,
      documents,
      send: (message) => producer.send(message),
      now: Date.now,
    });

    const prepare = async (): Promise<void> => {
      await documents.ensureIndex(collections.readings, { sensor: 1, ts: 1 });
      health.ok("documents");
    };
    const dropOld = async (): Promise<void> => {
      const before = new Date(Date.now() - env.KEEP_DAYS * 86_400_000);
      try {
        for (const collection of [collections.readings, collections.raw])
          await documents.collection(collection).deleteMany({ receivedAt: { $lt: before } });
        await documents.collection(collections.forecasts).deleteMany({ madeAt: { $lt: before } });
        health.ok("retention");
      } catch (err) {
        health.fail("retention", messageOf(err));
        log.warn({ err }, "what is not kept any more could not be dropped; it is tried again later");
      }
    };

    return async () => {
      await retry(prepare, {
        signal,
        onRetry: (err, attempt) => {
          health.fail("documents", messageOf(err));
          if (attempt === 0) log.warn({ err }, "the document store is not ready; it is tried again");
        },
      });
      for (const lane of lanesOf(env.BRIDGE_NUMBER, env.BRIDGES)) {
        const consumer = consumeMqtt({
          host: env.MQTT_HOST,
          port: env.MQTT_PORT,
          user: env.MQTT_USER,
          password: env.MQTT_PASSWORD_FILE,
          // The lane's own: a bridge that it goes to takes the session up where the one before left it.
          clientId: `${name}-lane-${lane}`,
          filter: laneFilter(env.MQTT_TOPIC_NAME, lane),
          receiveMaximum,
          onMessage,
          onState: health.reporter(`lane ${lane}`),
          log,
          signal,
        });
        shutdown.add(`lane ${lane}`, () => consumer.close());
      }
      // One of them is enough.
      if (env.BRIDGE_NUMBER !== 1) return;
      await dropOld();
      const dropping = setInterval(() => void dropOld(), dropEveryMs);
      shutdown.add("retention", async () => clearInterval(dropping));
    };
  },
});
