/**
 * The classifier with a ResNet50 beside the usual way in Python (onnxruntime, Pillow, FastAPI, confluent-kafka): the same
 * model, pictures and threads, over HTTP and over Kafka, in turns. It needs a lab on this machine, whose own apps of the
 * classification pipeline are stopped meanwhile.
 */
import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pause, waitFor } from "../../apps/common/retry.ts";
import { freePort } from "../../apps/common/testing/free-ports.ts";
import { encodeJpeg } from "../../apps/video/camera/encode.ts";
import { Scene } from "../../apps/video/camera/scene.ts";
import { docker } from "../../scripts/lab/docker.ts";
import { labOutputs } from "../../scripts/lab/queries.ts";
import { prepareResNet50 } from "../../scripts/latency/resnet50.ts";
import { createContext } from "../../scripts/toolchain/context.ts";
import { environment } from "../../scripts/toolchain/environment.ts";
import { runMain, ToolchainError } from "../../scripts/toolchain/errors.ts";
import { interruption } from "../../scripts/toolchain/interruption.ts";
import type { Context } from "../../scripts/toolchain/part.ts";
import type { Child } from "../common/child.ts";
import { likenesses } from "../common/containers.ts";
import { deleteTopics, makeTopics } from "../common/peer-parts.ts";
import { preparePeer } from "../common/venv.ts";
import { type Candidate, edgelab, python } from "./classifiers.ts";
import { openKafkaSide } from "./kafka-side.ts";
import { type Classify, load, type Window } from "./load.ts";
import { parseOptions } from "./options.ts";
import { type Measured, report, sides, summarise } from "./report.ts";

/** Size and number of the pictures: those of a camera, larger than what the model takes. */
const picture = { width: 640, height: 480, quality: 85, count: 64, apart: 7 } as const;
const warmUpMs = 5000;
/** A hundred megabytes of weights are read first. */
const readyMs = 120_000;

await runMain(async () => {
  const options = parseOptions(process.argv.slice(2));
  const context = createContext();
  const { env, progress } = context;
  const outputs = await labOutputs(await environment(context), context.root, options.stack);
  if (outputs.forwards.length > 0) {
    throw new ToolchainError("the lab is not on this machine", "./scripts/up   # with target: local");
  }
  const model = await modelFolder(context, options.model);
  const peer = { bench: "resnet50", what: "onnxruntime, FastAPI and confluent-kafka" };
  const topics = {
    images: `bench-resnet50-${process.pid}-images`,
    results: `bench-resnet50-${process.pid}-results`,
  };
  const bootstrap = outputs.bootstrapServers.split(",");
  const setting = {
    bootstrap,
    model,
    threads: options.threads,
    topics,
    python: await preparePeer(context, peer),
  };
  const candidates = [edgelab(setting), python(setting)];
  const images = await pictures();
  const own = (await likenesses(env, options.stack))
    .filter(({ pipeline }) => pipeline === "classification")
    .map(({ name }) => name);
  const windows: Measured[] = [];
  const signal = interruption();
  await docker(env, "stop", ...own);
  try {
    await makeTopics(outputs.bootstrapServers, Object.values(topics));
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const side of sides) {
        for (const candidate of candidates) {
          const { system } = candidate;
          const [first = Buffer.alloc(0)] = images;
          const open = (child: Child, port: number) =>
            side === "HTTP"
              ? overHttp(child, first, port, signal)
              : overKafka(child, first, bootstrap, candidate, signal);
          await whileServing(candidate, side, open, async (classify) => {
            for (const concurrency of options.concurrencies) {
              const name = `round ${round} of ${options.rounds}: ${system}, ${side}, ${concurrency} under way`;
              const setting = { concurrency, warmUpMs, windowMs: options.seconds * 1000, signal };
              const window: Window = await progress.step(name, () => load(classify, images, setting));
              windows.push({ system, side, concurrency, ...window });
            }
          });
        }
      }
    }
    process.stdout.write(`\n${report(summarise(windows))}\n`);
    return 0;
  } finally {
    await deleteTopics(outputs.bootstrapServers, Object.values(topics));
    await docker(env, "start", ...own);
  }
});

/** The folder that was named, or that of a ResNet50 with random weights, which is made once. */
async function modelFolder({ cache, progress }: Context, named: string | undefined): Promise<string> {
  if (named !== undefined) return resolve(named);
  const folder = join(cache, "bench", "resnet50-model");
  const isThere = await access(join(folder, "card.json")).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    await progress.step("making a ResNet50 with random weights", () =>
      prepareResNet50(folder, { kind: "random", seed: 1 }),
    );
  }
  return folder;
}

/** JPEGs of the test camera's scene. */
async function pictures(): Promise<Buffer[]> {
  const { width, height, quality, count, apart } = picture;
  const scene = new Scene(width, height);
  const made: Buffer[] = [];
  for (let i = 0; i < count; i += 1) {
    made.push(await encodeJpeg(scene.draw(i * apart, Date.now()), width, height, quality));
  }
  return made;
}

interface Opened {
  readonly classify: Classify;
  close(): Promise<void>;
}

async function whileServing(
  candidate: Candidate,
  side: Measured["side"],
  open: (child: Child, port: number) => Promise<Opened>,
  work: (classify: Classify) => Promise<void>,
): Promise<void> {
  const port = await freePort();
  const child = candidate.start(side, port);
  try {
    const { classify, close } = await open(child, port);
    try {
      await work(classify);
    } finally {
      await close();
    }
  } finally {
    await child.stop();
  }
}

/** @returns when the first picture is classified */
async function overHttp(child: Child, first: Buffer, port: number, signal: AbortSignal): Promise<Opened> {
  const url = `http://127.0.0.1:${port}/classify`;
  const classify: Classify = async (image) => {
    const response = await fetch(url, { method: "POST", body: new Uint8Array(image) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${child.name} answered ${response.status}: ${text.slice(0, 200)}`);
  };
  const answers = async () => {
    child.check();
    await classify(first);
    return true;
  };
  await waitFor(`${child.name} to classify over HTTP`, answers, { timeoutMs: readyMs, signal });
  return { classify, close: async () => {} };
}

/** @returns when the first picture's result has come back */
async function overKafka(
  child: Child,
  first: Buffer,
  bootstrap: readonly string[],
  { kafka }: Candidate,
  signal: AbortSignal,
): Promise<Opened> {
  const opened = await openKafkaSide(bootstrap, kafka);
  const answers = async () => {
    child.check();
    // A classifier that begins at the end of the topic does not see what came before it had joined its group.
    return await Promise.race([opened.classify(first).then(() => true), pause(2000).then(() => undefined)]);
  };
  await waitFor(`${child.name} to classify over Kafka`, answers, { timeoutMs: readyMs, signal });
  return opened;
}
