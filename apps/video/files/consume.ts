import { mkdir } from "node:fs/promises";
import type { AppContext } from "../../common/app.ts";
import { consumeBatches, createProducer } from "../../common/kafka.ts";
import { DiskGuard } from "../../media/disk-guard.ts";
import type { FrameFormat, VideoMessage } from "../../media/frame.ts";
import { CameraLimit } from "./camera-limit.ts";
import { decodeBatch } from "./messages.ts";
import { Retention } from "./retention.ts";

/** What the environment says of an app that turns frames into files. */
interface FileValues {
  readonly KAFKA_BOOTSTRAP_SERVERS: readonly string[];
  readonly KAFKA_TOPIC_NAME: string;
  readonly FRAME_FORMAT: FrameFormat;
  readonly KAFKA_CONSUMER_GROUP_ID: string;
  readonly KAFKA_AUTO_OFFSET_RESET: "earliest" | "latest";
  readonly MAX_BATCH: number;
  readonly OUTPUT_DIR: string;
  readonly MIN_FREE_MB: number;
  readonly RETENTION_HOURS: number;
  readonly RETENTION_MB: number;
  readonly STATE_FOLDER?: string | undefined;
}

type Context = Omit<AppContext<FileValues>, "http">;

/** Parts of `/healthz` of such an app. */
export const fileHealthParts = ["disk", "kafka"] as const;

/** The guard and the retention of OUTPUT_DIR. @param own names of the files that the app makes */
export function openOutput({ env, log, metrics, health }: Context, own: RegExp) {
  const guard = new DiskGuard({
    folder: env.OUTPUT_DIR,
    minFreeBytes: env.MIN_FREE_MB * 1e6,
    log,
    metrics,
    onState: health.reporter("disk"),
  });
  const retention = new Retention({
    root: env.OUTPUT_DIR,
    own,
    maxAgeMs: env.RETENTION_HOURS * 3_600_000,
    maxBytes: env.RETENTION_MB * 1e6,
    log,
    metrics,
  });
  return { guard, retention };
}

/** Reads OUTPUT_DIR, and makes it first when it is missing; from then on old files are deleted. */
export async function startOutput(
  { env, shutdown }: Context,
  { retention }: { retention: Retention },
): Promise<void> {
  await mkdir(env.OUTPUT_DIR, { recursive: true });
  await retention.scan();
  const running = retention.run(shutdown.signal);
  shutdown.add("retention", () => running);
}

/** Consumes the topic of frames; `write` resolves when what it was given is durable, and offsets are committed then. */
export function consumeFrames(
  name: string,
  { env, log, metrics, health, shutdown }: Context,
  write: (videos: readonly VideoMessage[], signal: AbortSignal) => Promise<void>,
): void {
  const common = { bootstrapServers: env.KAFKA_BOOTSTRAP_SERVERS, clientId: name, log };
  const producer = createProducer({ ...common, onState: health.reporter("dead letters") });
  shutdown.add("dead letters", () => producer.close());
  const cameras = new CameraLimit();
  const consumer = consumeBatches({
    ...common,
    metrics,
    topic: env.KAFKA_TOPIC_NAME,
    groupId: env.KAFKA_CONSUMER_GROUP_ID,
    autoOffsetReset: env.KAFKA_AUTO_OFFSET_RESET,
    maxBatch: env.MAX_BATCH,
    stateFolder: env.STATE_FOLDER,
    deadLetters: producer,
    signal: shutdown.signal,
    onState: health.reporter("kafka"),
    onBatch: async (messages, { signal }) => {
      const { videos, rejections } = decodeBatch(messages, env.FRAME_FORMAT, cameras);
      await write(videos, signal);
      return rejections;
    },
  });
  shutdown.add("consumer", () => consumer.done);
}
