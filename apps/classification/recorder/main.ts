import { fileURLToPath } from "node:url";
import { runApp } from "../../common/app.ts";
import type { KafkaMessage } from "../../common/kafka.ts";
import { recordBatch, recorderMetrics } from "../../common/record.ts";
import { openRecorder, postgresPart } from "../../common/recorder.ts";
import { resultsGroup, topicNames } from "../contract.ts";
import { recorderEnv } from "./env.ts";
import { imageRow, resultRow } from "./rows.ts";
import { storeImages, storeResults } from "./store.ts";

const name = "classification-recorder";
const migrations = fileURLToPath(new URL("./migrations", import.meta.url));

await runApp({
  name,
  env: recorderEnv,
  healthParts: [postgresPart, "images", "results"],
  start: (context) => {
    const { env, metrics } = context;
    const { postgres, record } = openRecorder(context, { name, migrations });
    const meters = recorderMetrics(metrics);
    const group = env.KAFKA_CONSUMER_GROUP_ID;
    const toImage = (message: KafkaMessage) => imageRow(message, env.MAX_IMAGE_BYTES);
    const images = recordBatch("images", toImage, (rows) => storeImages(postgres, rows), meters);
    const results = recordBatch("results", resultRow, (rows) => storeResults(postgres, rows), meters);
    return () =>
      record([
        { part: "images", topic: topicNames.images, groupId: group, onBatch: images },
        { part: "results", topic: topicNames.results, groupId: resultsGroup(group), onBatch: results },
      ]);
  },
});
