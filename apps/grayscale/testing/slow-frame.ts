/** A trial on a running Kafka: two processors share a video of which one frame is slow. */
import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Health } from "../../common/health.ts";
import { consumeBatches, createProducer, type KafkaMessage } from "../../common/kafka.ts";
import { openAdmin } from "../../common/kafka-admin.ts";
import { createLogger } from "../../common/logging.ts";
import { createMetrics, type Metrics } from "../../common/metrics.ts";
import { waitFor } from "../../common/retry.ts";
import { Shutdown } from "../../common/shutdown.ts";
import { deadLetterTopic, topicSettings } from "../../common/topics.ts";
import { decodeProcessed, grayscaleTopics } from "../contract.ts";
import { startProcessor } from "../processor/consume.ts";
import { processorEnv } from "../processor/env.ts";
import { grayscale } from "../steps/grayscale.ts";
import type { Step } from "../steps/step.ts";
import { colourFrame, videoMessages } from "./frames.ts";

export interface TrialOptions {
  readonly bootstrapServers: readonly string[];
  /** Prefix of the topics and the groups that the trial makes; the topics are deleted at its end. */
  readonly prefix: string;
  readonly frames: number;
  /** Number of the slow frame. */
  readonly slowSeq: number;
  readonly slowMs: number;
  /** Whether only the first attempt at the slow frame is slow, whichever processor makes it. */
  readonly slowOnce: boolean;
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly maxPollIntervalMs: number;
}

export interface TrialResult {
  /** Different problems that the processors had, such as a lost place in the group. */
  readonly interruptions: number;
  /** Batches that took longer than the maximum poll interval. */
  readonly pollTimeouts: number;
  /** How often the step began the slow frame. */
  readonly slowAttempts: number;
  /** How often the step began any frame, in all. */
  readonly attempts: number;
  /** Frames that each processor did. */
  readonly shares: readonly number[];
  /** How often each frame came out, by number. */
  readonly copies: readonly number[];
  /** Ends that came out. */
  readonly ends: number;
  /** What /healthz said while the slow frame was in work. */
  readonly problems: readonly string[];
  readonly seconds: number;
}

const waitMs = 60_000;

/** Runs the trial and deletes its topics. @throws when not all frames come out in time */
export async function slowFrameTrial(options: TrialOptions): Promise<TrialResult> {
  const { bootstrapServers, prefix, frames, slowMs } = options;
  const log = createLogger({ app: prefix, level: "info", environment: "trial" });
  const topics = grayscaleTopics({
    framesName: `${prefix}-frames`,
    processedName: `${prefix}-processed`,
    partitions: 2,
  });
  const [input = "", output = ""] = topics.map(({ name }) => name);
  const withDeadLetters = [...topics, ...topics.map(deadLetterTopic)];
  const admin = await openAdmin({ bootstrapServers, clientId: prefix });
  const producer = createProducer({ bootstrapServers, clientId: prefix, log });
  const collecting = new Shutdown({ log, graceMs: 30_000 });
  try {
    for (const topic of withDeadLetters) {
      const spec = { name: topic.name, partitions: topic.partitions, replication: 1 };
      await admin.createTopic({ ...spec, config: topicSettings(topic) });
      await admin.awaitTopic(spec, waitMs);
    }
    const results: KafkaMessage[] = [];
    const collector = consumeBatches({
      bootstrapServers,
      clientId: prefix,
      groupId: `${prefix}-collector`,
      topic: output,
      autoOffsetReset: "earliest",
      maxBatch: 64,
      deadLetters: producer,
      log,
      metrics: createMetrics(prefix),
      signal: collecting.signal,
      onBatch: async (messages) => {
        results.push(...messages);
        return [];
      },
    });
    collecting.add("collector", () => collector.done);

    const video = { camera: "file", run: "trial", frames, rate: "30", width: 160, height: 120 };
    const slow = { digest: digest((await colourFrame(video, options.slowSeq)).jpeg), attempts: 0 };
    const processors = [1, 2].map((number) => startTrialProcessor(number, slow, input, output, options));
    await Promise.all(processors.map(({ ready }) => ready));
    const startMs = performance.now();
    for (const message of await videoMessages(video, input)) await producer.send(message);
    await waitFor(
      "all frames",
      async () => {
        const lags = await admin.lag(`${prefix}-group`, input);
        return lags.every(({ committed, lag }) => committed !== null && lag === 0n) ? true : undefined;
      },
      { timeoutMs: 2 * slowMs + options.maxPollIntervalMs + waitMs, everyMs: 500 },
    );
    const seconds = (performance.now() - startMs) / 1000;
    for (const { shutdown } of processors) await shutdown.end("the trial is over");
    await waitFor(
      "the processed frames",
      async () => {
        const [at] = (await admin.lag(`${prefix}-collector`, output))
          .map(({ lag }) => lag)
          .toSorted()
          .toReversed();
        return at === 0n && results.length >= frames + 1 ? true : undefined;
      },
      { timeoutMs: waitMs },
    );
    const decoded = results.map(decodeProcessed);
    const copies = Array.from(
      { length: frames },
      (_, seq) => decoded.filter((message) => message.kind === "frame" && message.seq === seq).length,
    );
    const sum = (of: (counts: ProcessorCounts) => number) =>
      processors.reduce((total, { counts }) => total + of(counts), 0);
    return {
      interruptions: sum(({ interruptions }) => interruptions),
      pollTimeouts: (await Promise.all(processors.map(({ metrics }) => pollTimeouts(metrics)))).reduce(
        (a, b) => a + b,
      ),
      slowAttempts: sum(({ slow: count }) => count),
      attempts: sum(({ all }) => all),
      shares: processors.map(({ counts }) => counts.all),
      copies,
      ends: decoded.filter(({ kind }) => kind === "end").length,
      problems: processors.flatMap(({ counts }) => [...counts.problems]),
      seconds,
    };
  } finally {
    await collecting.end("the trial is over");
    await producer.close();
    for (const { name } of withDeadLetters) await admin.deleteTopic(name, waitMs);
    await admin.close();
  }
}

interface SlowFrame {
  readonly digest: string;
  /** By all processors. */
  attempts: number;
}

interface ProcessorCounts {
  all: number;
  slow: number;
  interruptions: number;
  readonly problems: Set<string>;
}

/** A processor as it runs in the lab, with a step that takes its time over one frame. */
function startTrialProcessor(
  number: number,
  slow: SlowFrame,
  input: string,
  output: string,
  options: TrialOptions,
) {
  const name = `${options.prefix}-${number}`;
  const counts: ProcessorCounts = { all: 0, slow: 0, interruptions: 0, problems: new Set() };
  const log = createLogger({ app: name, level: "info", environment: "trial" });
  const metrics = createMetrics(name);
  const health = new CountingHealth(counts);
  const shutdown = new Shutdown({ log, graceMs: 30_000 });
  const env = processorEnv.parse(
    processorEnv.format({
      KAFKA_BOOTSTRAP_SERVERS: options.bootstrapServers,
      PROCESSOR_NAME: name,
      KAFKA_CONSUMER_GROUP_ID: `${options.prefix}-group`,
      KAFKA_TOPIC_NAME: input,
      KAFKA_OUTPUT_TOPIC_NAME: output,
      KAFKA_SESSION_TIMEOUT_MS: options.sessionTimeoutMs,
      KAFKA_HEARTBEAT_INTERVAL_MS: options.heartbeatIntervalMs,
      KAFKA_MAX_POLL_INTERVAL_MS: options.maxPollIntervalMs,
      MAX_BATCH: 1,
      CONCURRENCY: 1,
    }),
  );
  const step = slowStep(slow, counts, options);
  const { ready } = startProcessor({ env, log, metrics, health, shutdown }, step);
  return { counts, metrics, shutdown, ready };
}

/** Does what grayscale does, and waits before one frame. */
function slowStep(slow: SlowFrame, counts: ProcessorCounts, { slowMs, slowOnce }: TrialOptions): Step {
  return {
    name: grayscale.name,
    process: async (jpeg, context) => {
      counts.all += 1;
      if (digest(jpeg) === slow.digest) {
        counts.slow += 1;
        slow.attempts += 1;
        if (!slowOnce || slow.attempts === 1) await delay(slowMs, undefined, { signal: context.signal });
      }
      return grayscale.process(jpeg, context);
    },
  };
}

/** A problem is an interruption: a consumer has none until it has lost its place or a batch has failed. */
class CountingHealth extends Health {
  readonly #counts: ProcessorCounts;

  constructor(counts: ProcessorCounts) {
    super(["kafka"]);
    this.#counts = counts;
  }

  override fail(part: string, reason: string): void {
    // A consumer that gives its place up says so twice: when it does, and when it joins anew.
    if (!this.#counts.problems.has(reason)) this.#counts.interruptions += 1;
    this.#counts.problems.add(reason);
    super.fail(part, reason);
  }
}

async function pollTimeouts(metrics: Metrics): Promise<number> {
  const found = (await metrics.registry.getMetricsAsJSON()).find(
    ({ name }) => name === "kafka_consumer_poll_timeouts_total",
  );
  return Number(found?.values[0]?.value ?? Number.NaN);
}

function digest(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
