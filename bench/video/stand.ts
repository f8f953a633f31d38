import { join } from "node:path";
import { openAdmin } from "../../apps/common/kafka-admin.ts";
import { pause, waitFor } from "../../apps/common/retry.ts";
import { freePort } from "../../apps/common/testing/free-ports.ts";
import { ToolchainError } from "../../scripts/toolchain/errors.ts";
import type { Progress } from "../../scripts/toolchain/progress.ts";
import { attempt } from "../../scripts/toolchain/run.ts";
import { Child } from "../common/child.ts";
import { cpuMs } from "../common/cpu.ts";
import { followFrames } from "../common/frames.ts";
import { type Result, resultOf } from "./report.ts";

const root = join(import.meta.dirname, "../..");
/** Frames a second of the camera. */
export const cameraFps = 30;
const warmUpMs = 5000;
const topicMs = 30_000;

export interface ProducerOptions {
  readonly cameras: number;
  /** The core that it is kept to. */
  readonly core?: string;
  /** Frames a second that are asked for; the camera's own by default. */
  readonly fps?: number;
}

/** What producers under test are measured with: one camera, one topic, one consumer. */
export interface Stand {
  readonly topic: string;
  /** URL of the camera. */
  readonly url: string;
  /** Edgelab's producer, with so many connections to the camera as cameras. */
  edgelab(options: ProducerOptions): Child;
  /** Resolves when frames of the producer arrive and it has warmed up. @throws when it does not get that far */
  flowing(producer: Child): Promise<void>;
  /** Measures a producer that is running. */
  window(name: string, producer: Child, seconds: number): Promise<Result>;
  /** Measures a producer from its start on, and ends it. */
  measure(name: string, producer: Child, seconds: number): Promise<Result>;
  /** Waits, unless the bench is told to end. @throws the reason then */
  pause(ms: number): Promise<void>;
  /** Keeps the camera off core 0. @throws ToolchainError when it cannot be */
  keepCameraOff(): Promise<void>;
  /** Ends the camera and whatever producer is left, and removes the topic. */
  close(): Promise<void>;
}

/** Sets the camera, the topic and the consumer up. @param signal ends what is waited for */
export async function openStand(
  bootstrap: readonly string[],
  progress: Progress,
  signal: AbortSignal,
): Promise<Stand> {
  const topic = `bench-video-${process.pid}`;
  const admin = await openAdmin({ bootstrapServers: bootstrap, clientId: "bench-video" });
  const replication = Math.min(3, (await admin.brokers()).length);
  await admin.createTopic({ name: topic, partitions: 3, replication, config: {} });
  await admin.awaitTopic({ name: topic, partitions: 3, replication }, topicMs);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const camera = new Child("camera", [process.execPath, join(root, "apps/video/camera/main.ts")], {
    HTTP_PORT: String(port),
    FPS: String(cameraFps),
    LOG_LEVEL: "error",
  });
  const consumer = await followFrames(bootstrap, topic);
  const producers = new Set<Child>();

  const stand: Stand = {
    topic,
    url,
    edgelab: (options) => {
      const producer = edgelabProducer({ ...options, topic, url, bootstrap });
      producers.add(producer);
      return producer;
    },
    flowing: async (producer) => {
      producers.add(producer);
      const arrive = async () => {
        camera.check();
        producer.check();
        return consumer.take().length > 0 ? true : undefined;
      };
      await waitFor(`frames of ${producer.name}`, arrive, { timeoutMs: 60_000, signal });
      await stand.pause(warmUpMs);
    },
    window: async (name, producer, seconds) => {
      consumer.take();
      const before = cpuMs(producer.pid);
      await progress.step(`${name}, ${seconds} s`, () => stand.pause(seconds * 1000));
      producer.check();
      return resultOf(name, consumer.take(), seconds, cpuMs(producer.pid) - before);
    },
    measure: async (name, producer, seconds) => {
      await stand.flowing(producer);
      const result = await stand.window(name, producer, seconds);
      await producer.stop();
      consumer.take();
      return result;
    },
    pause: (ms) => pause(ms, signal),
    keepCameraOff: async () => {
      const pin = ["--all-tasks", "--cpu-list", "--pid", "1", String(camera.pid)];
      const { failed, stderr } = await attempt("taskset", pin);
      if (!failed) return;
      throw new ToolchainError(
        `the camera cannot be kept to core 1: ${stderr.trim()}`,
        "taskset --cpu-list 1 true   # this needs two cores and util-linux",
      );
    },
    close: async () => {
      for (const producer of producers) await producer.stop();
      await consumer.close();
      await camera.stop();
      await admin.deleteTopic(topic, topicMs);
      await admin.close();
    },
  };
  return stand;
}

function edgelabProducer({
  cameras,
  core,
  fps = cameraFps,
  topic,
  url,
  bootstrap,
}: ProducerOptions & { topic: string; url: string; bootstrap: readonly string[] }): Child {
  const list = Array.from({ length: cameras }, (_, i) => ({
    name: `camera-${i}`,
    topic,
    format: "jpeg",
    fps,
    source: { type: "mjpeg", url },
  }));
  const node = [process.execPath, join(root, "apps/video/producer/main.ts")] as const;
  const command = core === undefined ? node : (["taskset", "--cpu-list", core, ...node] as const);
  return new Child("edgelab", [...command], {
    KAFKA_BOOTSTRAP_SERVERS: bootstrap.join(","),
    PRODUCER_NAME: "bench",
    CAMERAS: JSON.stringify(list),
    HTTP_PORT: "0",
    LOG_LEVEL: "error",
  });
}
