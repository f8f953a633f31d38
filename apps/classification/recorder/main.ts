import { fileURLToPath } from "node:url";
import { runApp } from "../../common/app.ts";
import { messageOf } from "../../common/errors.ts";
import { consumeBatches, createProducer, type KafkaMessage, type Rejection } from "../../common/kafka.ts";
import { openPostgres } from "../../common/postgres.ts";
import { retry } from "../../common/retry.ts";
import { topicNames } from "../contract.ts";
import { recorderEnv } from "./env.ts";
import { recordBatch, recorderMetrics } from "./record.ts";
import { imageRow, resultRow } from "./rows.ts";
import { storeImages, storeResults } from "./store.ts";

const migrations = fileURLToPath(new URL("./migrations", import.meta.url));

await runApp({
  name: "classification-recorder",
  env: recorderEnv,
  healthParts: ["postgres", "images", "results"],
  start: ({ env, log, metrics, health, shutdown }) => {
    const { signal } = shutdown;
    const postgres = openPostgres({
      host: env.POSTGRES_HOST,
      port: env.POSTGRES_PORT,
      database: env.POSTGRES_DB,
      user: env.POSTGRES_USER,
      password: env.POSTGRES_PASSWORD_FILE,
      maxConnections: 2,
      applicationName: "classification-recorder",
      log,
    });
    shutdown.add("postgres", () => postgres.close());
    const common = {
      bootstrapServers: env.KAFKA_BOOTSTRAP_SERVERS,
      clientId: "classification-recorder",
      log,
    };
    const producer = createProducer({ ...common, onState: health.reporter("dead letters") });
    shutdown.add("dead letters", () => producer.close());

    const meters = recorderMetrics(metrics);
    // Two groups of their own: when one topic cannot be stored, the other still is.
    const consume = (
      part: "images" | "results",
      topic: string,
      groupId: string,
      onBatch: (messages: readonly KafkaMessage[]) => Promise<readonly Rejection[]>,
    ) => {
      const consumer = consumeBatches({
        ...common,
        metrics,
        topic,
        groupId,
        onBatch,
        signal,
        autoOffsetReset: env.KAFKA_AUTO_OFFSET_RESET,
        maxBatch: env.MAX_BATCH,
        deadLetters: producer,
        onState: health.reporter(part),
      });
      shutdown.add(`${part} consumer`, () => consumer.done);
    };

    return async () => {
      const applied = await retry(() => postgres.migrate(migrations), {
        signal,
        onRetry: (err) => {
          health.fail("postgres", messageOf(err));
          log.warn({ err }, "PostgreSQL is not ready; trying again");
        },
      });
      log.info({ applied }, "schema is up to date");
      health.ok("postgres");
      const group = env.KAFKA_CONSUMER_GROUP_ID;
      const toImage = (message: KafkaMessage) => imageRow(message, env.MAX_IMAGE_BYTES);
      const images = recordBatch("images", toImage, (rows) => storeImages(postgres, rows), meters);
      const results = recordBatch("results", resultRow, (rows) => storeResults(postgres, rows), meters);
      consume("images", topicNames.images, group, images);
      consume("results", topicNames.results, `${group}-results`, results);
    };
  },
});
