import { fileURLToPath } from "node:url";
import { runApp } from "../../common/app.ts";
import type { KafkaMessage } from "../../common/kafka.ts";
import { recordBatch, recorderMetrics } from "../../common/record.ts";
import { openRecorder, postgresPart } from "../../common/recorder.ts";
import { keepDropping } from "../../common/retention.ts";
import { resultsGroup, topicNames } from "../contract.ts";
import { recorderEnv } from "./env.ts";
import { imageRow, resultRow, windowOf } from "./rows.ts";
import { ImageStore } from "./store.ts";

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
    const store = new ImageStore(postgres);
    const keptMs = env.KEEP_HOURS * 3_600_000;
    const window = () => windowOf(Date.now(), keptMs);
    const toImage = (message: KafkaMessage) => imageRow(message, env.MAX_IMAGE_BYTES, window());
    const toResult = (message: KafkaMessage) => resultRow(message, window());
    const images = recordBatch("images", toImage, (rows) => store.addImages(rows), meters);
    const results = recordBatch("results", toResult, (rows) => store.addResults(rows), meters);
    return async () => {
      await record([
        { part: "images", topic: topicNames.images, groupId: group, onBatch: images },
        { part: "results", topic: topicNames.results, groupId: resultsGroup(group), onBatch: results },
      ]);
      await keepDropping(context, () => store.dropOld(Date.now(), keptMs));
    };
  },
});
