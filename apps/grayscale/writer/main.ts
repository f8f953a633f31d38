/** The writer: processed frames → `output_video.avi`. */
import { join } from "node:path";
import { type AppContext, runApp } from "../../common/app.ts";
import { livenessOf } from "../../common/consumer-variables.ts";
import type { EnvOf } from "../../common/env.ts";
import { consumeBatches, createProducer } from "../../common/kafka.ts";
import { pause } from "../../common/retry.ts";
import { DiskGuard } from "../../media/disk-guard.ts";
import { findEncoder } from "../../media/ffmpeg.ts";
import { writerEnv } from "./env.ts";
import { decodeProcessedBatch } from "./messages.ts";
import { VideoWriter } from "./writer.ts";

const sweepEveryMs = 1000;

await runApp({ name: "grayscale-writer", env: writerEnv, healthParts: ["disk", "kafka", "video"], start });

function start(context: AppContext<EnvOf<typeof writerEnv>>): () => Promise<void> {
  const { env, log, metrics, health, shutdown } = context;
  const { signal } = shutdown;
  const liveness = livenessOf(env);
  const guard = new DiskGuard({
    folder: env.OUTPUT_DIR,
    minFreeBytes: env.MIN_FREE_MB * 1e6,
    log,
    metrics,
    onState: health.reporter("disk"),
  });
  const kafka = { bootstrapServers: env.KAFKA_BOOTSTRAP_SERVERS, clientId: "grayscale-writer", log };
  const deadLetters = createProducer({ ...kafka, onState: health.reporter("dead letters") });
  shutdown.add("dead letters", () => deadLetters.close());

  return async () => {
    const writer = new VideoWriter({
      outputDir: env.OUTPUT_DIR,
      outputName: env.OUTPUT_NAME,
      workDir: env.WORK_DIR ?? join(env.OUTPUT_DIR, ".work"),
      encoder: await findEncoder("xvid"),
      defaultFps: env.DEFAULT_FPS,
      stallMs: env.STALL_SECONDS * 1000,
      keepMs: env.KEEP_HOURS * 3_600_000,
      guard,
      log,
      metrics,
      onState: health.reporter("video"),
      signal,
    });
    health.ok("video");
    await writer.recover();
    await guard.ready(signal);
    // The steps run last one first: nothing comes any more when the video in hand is given up.
    shutdown.add("videos", () => writer.idle());
    const consumer = consumeBatches({
      ...kafka,
      ...liveness,
      groupId: env.KAFKA_CONSUMER_GROUP_ID,
      topic: env.KAFKA_TOPIC_NAME,
      autoOffsetReset: env.KAFKA_AUTO_OFFSET_RESET,
      maxBatch: env.MAX_BATCH,
      stateFolder: env.STATE_FOLDER,
      onBatch: async (messages, batch) => {
        const { processed, rejections } = decodeProcessedBatch(messages);
        await writer.write(processed, batch.signal);
        return rejections;
      },
      deadLetters,
      metrics,
      onState: health.reporter("kafka"),
      signal,
    });
    shutdown.add("consumer", () => consumer.done);
    while (!signal.aborted) {
      await pause(sweepEveryMs, signal);
      await writer.sweep();
    }
  };
}
