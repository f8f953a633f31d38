/** The classifier: a worker on Kafka (`images` → `image-results`) and an HTTP service, over one model. */
import { type AppContext, runApp } from "../../common/app.ts";
import type { EnvOf } from "../../common/env.ts";
import { consumeBatches } from "../../common/kafka-consumer.ts";
import { createProducer } from "../../common/kafka-producer.ts";
import { topicNames } from "../contract.ts";
import { type Classifier, createClassifier } from "./classifier.ts";
import { classifierEnv } from "./env.ts";
import { addClassifyRoute } from "./http.ts";
import { startInference } from "./inference.ts";
import { StageLog } from "./stages.ts";
import { classifyMessages } from "./work.ts";

await runApp({
  name: "classification-classifier",
  env: classifierEnv,
  healthParts: ["model", "kafka"],
  start,
});

function start(context: AppContext<EnvOf<typeof classifierEnv>>): () => Promise<void> {
  const { env, http, health, log, metrics, shutdown } = context;
  let classifier: Classifier | undefined;
  let model: string | undefined;
  const stages = new StageLog();
  stages.addRoute(http, env.CLASSIFIER_NAME, () => model);
  addClassifyRoute(http, {
    classifier: () => (shutdown.signal.aborted ? undefined : classifier),
    maxImageBytes: env.MAX_IMAGE_BYTES,
    maxRequests: env.MAX_REQUESTS,
  });

  return async () => {
    const inference = await startInference({ folder: env.MODEL_DIR, threads: env.ONNX_THREADS });
    shutdown.add("model", async () => {
      // Requests that are being answered need it.
      await http.close();
      await inference.close();
    });
    const { name, labels, path } = inference.card;
    log.info({ model: name, labels: labels.length, card: path }, "model loaded");
    const ready = createClassifier({
      inference,
      metrics,
      maxBatch: env.MAX_BATCH,
      maxPixels: env.MAX_IMAGE_PIXELS,
    });
    classifier = ready;
    model = name;
    health.ok("model");

    const kafka = { bootstrapServers: env.KAFKA_BOOTSTRAP_SERVERS, clientId: env.CLASSIFIER_NAME, log };
    const results = createProducer({ ...kafka, onState: health.reporter("results") });
    shutdown.add("results", () => results.close());
    const consumer = consumeBatches({
      ...kafka,
      groupId: env.KAFKA_CONSUMER_GROUP_ID,
      topic: topicNames.images,
      autoOffsetReset: env.KAFKA_AUTO_OFFSET_RESET,
      maxBatch: env.MAX_BATCH,
      stateFolder: env.STATE_FOLDER,
      onBatch: (messages) => classifyMessages(messages, ready, results, stages),
      deadLetters: results,
      metrics,
      onState: health.reporter("kafka"),
      signal: shutdown.signal,
    });
    shutdown.add("consumer", () => consumer.done);
    await Promise.race([consumer.done, inference.failed]);
  };
}
