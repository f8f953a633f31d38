/** The analyser: a forecast for each reading, by models that are fitted on what the document store has of its sensor. */
import { type AppContext, runApp } from "../../common/app.ts";
import { openDocuments } from "../../common/documents.ts";
import type { EnvOf } from "../../common/env.ts";
import { messageOf } from "../../common/errors.ts";
import { consumeBatches, createProducer } from "../../common/kafka.ts";
import { retry } from "../../common/retry.ts";
import { collections, maxRequestBytes } from "../contract.ts";
import { ensureIndexes, readHistory } from "./documents.ts";
import { analyserEnv } from "./env.ts";
import { Fitter } from "./fit/fitter.ts";
import { defaultFit } from "./fit/settings.ts";
import { analyserMeters } from "./meters.ts";
import { Models } from "./models/models.ts";
import { analyseBatch } from "./work.ts";

await runApp({
  name: "logistics-analyser",
  env: analyserEnv,
  healthParts: ["documents", "readings"],
  start,
});

function start(context: AppContext<EnvOf<typeof analyserEnv>>): () => Promise<void> {
  const { env, log, metrics, health, shutdown } = context;
  const { signal } = shutdown;
  const documents = openDocuments({
    host: env.DOCUMENTS_HOST,
    port: env.DOCUMENTS_PORT,
    database: env.DOCUMENTS_DB,
    user: env.DOCUMENTS_USER,
    password: env.DOCUMENTS_PASSWORD_FILE,
    maxConnections: 2,
    applicationName: env.ANALYSER_NAME,
    log,
  });
  shutdown.add("documents", () => documents.close());
  const common = { bootstrapServers: env.KAFKA_BOOTSTRAP_SERVERS, clientId: env.ANALYSER_NAME, log };
  const producer = createProducer({ ...common, maxRequestBytes, onState: health.reporter("results") });
  shutdown.add("producer", () => producer.close());
  const models = new Models(env.MODEL_PATH, log);
  const count = analyserMeters(metrics, models);
  const fitter = new Fitter({
    models,
    folder: env.MODEL_PATH,
    settings: {
      ...defaultFit,
      intervalWidth: env.INTERVAL_WIDTH,
      form: env.MODEL_FORM,
      maxObservations: env.FIT_READINGS,
    },
    history: (sensor) => readHistory(documents, sensor, env.HISTORY_READINGS),
    goodForMs: env.REFIT_MINUTES * 60_000,
    maxSensors: env.MAX_SENSORS,
    log,
    count: count.fit,
  });
  const onBatch = analyseBatch({
    models,
    see: (sensor, timeMs) => fitter.see(sensor, timeMs),
    topic: env.RESULTS_TOPIC_NAME,
    store: (forecasts) => documents.insertNew(collections.forecasts, forecasts),
    send: (message) => producer.send(message),
    count: count.batch,
    now: Date.now,
  });

  return async () => {
    await retry(() => ensureIndexes(documents), {
      signal,
      onRetry: (err) => {
        health.fail("documents", messageOf(err));
        log.warn({ err }, "the document store is not ready; trying again");
      },
    });
    health.ok("documents");
    await models.refresh();
    const consumer = consumeBatches({
      ...common,
      metrics,
      onBatch,
      topic: env.KAFKA_TOPIC_NAME,
      groupId: env.KAFKA_CONSUMER_GROUP_ID,
      autoOffsetReset: env.KAFKA_AUTO_OFFSET_RESET,
      maxBatch: env.MAX_BATCH,
      stateFolder: env.STATE_FOLDER,
      deadLetters: producer,
      onState: health.reporter("readings"),
      signal,
    });
    shutdown.add("consumer", () => consumer.done);
    const looked = fitter.run(env.MODEL_CHECK_SEC * 1000, signal, (problems) => {
      // What is wrong with one model keeps no other from its work.
      if (problems.length === 0) health.ok("models");
      else health.warn("models", problems.slice(0, 5).join("; "));
    });
    shutdown.add("fits", () => looked);
    await looked;
  };
}
