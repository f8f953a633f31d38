/**
 * Frames of the test camera through Kafka: edgelab's producer beside the usual way (OpenCV, kafka-python), one after
 * the other on the same camera, the same topic and the same consumer.
 */
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { openAdmin } from "../../apps/common/kafka-admin.ts";
import { pause, waitFor } from "../../apps/common/retry.ts";
import { renderTable } from "../../lib/table.ts";
import { createContext } from "../../scripts/toolchain/context.ts";
import { runMain, ToolchainError } from "../../scripts/toolchain/errors.ts";
import { attempt } from "../../scripts/toolchain/run.ts";
import { Child } from "../common/child.ts";
import { cpuMs } from "../common/cpu.ts";
import { followFrames } from "../common/frames.ts";
import { labBootstrap } from "../common/lab.ts";
import { parseOptions } from "./options.ts";
import { preparePeer } from "./peer.ts";
import { type Result, ratios, resultOf } from "./report.ts";

const root = join(import.meta.dirname, "../..");
const fps = 30;
const warmUpMs = 5000;
/** A step of the search for the most cameras. */
const stepSeconds = 15;
const steps = [1, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 32, 40, 48];
/** What still counts as carrying a camera: nearly all of its frames, within the pipeline's target. */
const carried = { fps: 0.98 * fps, p99Ms: 100 };

await runMain(async () => {
  const given = process.argv.slice(2);
  const fromLab = given.includes("--bootstrap") ? "" : await labBootstrap();
  const options = parseOptions(given, () => fromLab);
  const { progress, cache } = createContext();
  const python = options.peer ? await preparePeer(cache, progress) : undefined;
  const topic = `bench-video-${process.pid}`;
  const admin = await openAdmin({ bootstrapServers: options.bootstrap, clientId: "bench-video" });
  const replication = Math.min(3, (await admin.brokers()).length);
  await admin.createTopic({ name: topic, partitions: 3, replication, config: {} });
  await admin.awaitTopic({ name: topic, partitions: 3, replication }, 30_000);
  const port = await freePort();
  const camera = new Child("camera", [process.execPath, join(root, "apps/video/camera/main.ts")], {
    HTTP_PORT: String(port),
    FPS: String(fps),
    LOG_LEVEL: "error",
  });
  const url = `http://127.0.0.1:${port}/`;
  const stopping: (() => Promise<void>)[] = [() => camera.stop()];
  const ending = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => ending.abort(new Error(signal)));
  try {
    const consumer = await followFrames(options.bootstrap, topic);
    stopping.push(() => consumer.close());
    const measure = async (name: string, producer: Child, seconds: number): Promise<Result> => {
      stopping.push(() => producer.stop());
      const flowing = async () => {
        camera.check();
        producer.check();
        return consumer.take().length > 0 ? true : undefined;
      };
      await waitFor(`frames of ${name}`, flowing, { timeoutMs: 60_000, signal: ending.signal });
      await pause(warmUpMs, ending.signal);
      consumer.take();
      const before = cpuMs(producer.pid);
      await progress.step(`${name}, ${seconds} s`, () => pause(seconds * 1000, ending.signal));
      const used = cpuMs(producer.pid) - before;
      const result = resultOf(name, consumer.take(), seconds, used);
      await producer.stop();
      consumer.take();
      return result;
    };
    const ours = (cameras: number, core?: string) =>
      producerOf({ cameras, topic, url, bootstrap: options.bootstrap, core });

    const results = [await measure("edgelab", ours(1), options.seconds)];
    if (python !== undefined) {
      const script = join(root, "bench/peers/video/capture.py");
      const args = [script, url, topic, options.bootstrap.join(","), String(fps)];
      results.push(
        await measure("OpenCV + kafka-python", new Child("peer", [python, ...args], {}), options.seconds),
      );
    }
    process.stdout.write(`\n${table(results)}\n`);
    const [edgelab, peer] = results;
    if (edgelab !== undefined && peer !== undefined) {
      const { cpu, mean, p50, p99 } = ratios(edgelab, peer);
      process.stdout.write(
        `The usual way takes ${cpu.toFixed(1)} × the processor time a frame, ${mean.toFixed(1)} × the mean, ` +
          `${p50.toFixed(1)} × the median and ${p99.toFixed(1)} × the p99 of the latency.\n`,
      );
    }
    process.stdout.write(
      "Latency: from the complete frame at the producer (edgelab), from the return of VideoCapture.read() (peer), " +
        "to its reading by one and the same consumer.\n",
    );
    const most: Result[] = [];
    if (options.mostCameras) {
      // The camera leaves the producer's core to it.
      const pin = ["--all-tasks", "--cpu-list", "--pid", "1", String(camera.pid)];
      const { failed, stderr } = await attempt("taskset", pin);
      if (failed) {
        throw new ToolchainError(
          `the camera cannot be kept to core 1: ${stderr.trim()}`,
          "taskset --cpu-list 1 true   # --most-cameras needs two cores and util-linux",
        );
      }
      for (const cameras of steps) {
        const result = await measure(`${cameras} cameras on one core`, ours(cameras, "0"), stepSeconds);
        most.push(result);
        if (result.cameras < cameras || result.fps < carried.fps || result.p99Ms > carried.p99Ms) break;
      }
      const good = most.filter((each) => each.fps >= carried.fps && each.p99Ms <= carried.p99Ms).at(-1);
      process.stdout.write(
        `\n${table(most)}\nOne core carries ${good?.cameras ?? 0} cameras at ${fps} frames a second ` +
          `(at least ${carried.fps.toFixed(1)}/s of each and a p99 of at most ${carried.p99Ms} ms).\n`,
      );
    }
    if (options.out !== undefined) {
      await writeFile(options.out, `${JSON.stringify({ results, mostCameras: most }, undefined, 2)}\n`);
    }
    return 0;
  } finally {
    for (const stop of stopping.reverse()) await stop();
    await admin.deleteTopic(topic, 30_000);
    await admin.close();
  }
});

interface Producer {
  readonly cameras: number;
  readonly topic: string;
  readonly url: string;
  readonly bootstrap: readonly string[];
  readonly core: string | undefined;
}

function producerOf({ cameras, topic, url, bootstrap, core }: Producer): Child {
  const list = Array.from({ length: cameras }, (_, i) => ({
    name: `camera-${i}`,
    topic,
    format: "jpeg",
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

function table(results: readonly Result[]): string {
  const header = [
    "producer",
    "frames",
    "frames/s a camera",
    "lost",
    "KB",
    "CPU ms a frame",
    "mean ms",
    "p50 ms",
    "p99 ms",
  ];
  return renderTable(
    header,
    results.map((each) => [
      each.name,
      String(each.frames),
      each.fps.toFixed(2),
      String(each.lost),
      each.meanKB.toFixed(1),
      each.cpuMsPerFrame.toFixed(2),
      each.meanMs.toFixed(2),
      each.p50Ms.toFixed(2),
      each.p99Ms.toFixed(2),
    ]),
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
