import { runApp } from "../../common/app.ts";
import { consumeBatches, createProducer } from "../../common/kafka.ts";
import { waitFor } from "../../common/retry.ts";
import { fixedArrivals, poissonArrivals, Schedule } from "../../common/schedule.ts";
import { topicNames } from "../contract.ts";
import { loadDataset } from "./dataset.ts";
import { producerEnv } from "./env.ts";
import { latencyRoute } from "./latencies.ts";
import { Run } from "./run.ts";
import { sendOnTime } from "./sending.ts";

/** How often lost images are looked for, ms. */
const expireEveryMs = 250;
/** With an image unacknowledged for this long, the producer is not healthy, ms. */
const patienceMs = 10_000;
/** The least time between two log lines about images that could not be sent, ms. */
const logFailureEveryMs = 10_000;

await runApp({
  name: "classification-producer",
  env: producerEnv,
  healthParts: ["dataset", "results", "sending"],
  start: ({ env, log, metrics, health, http, shutdown }) => {
    const { signal } = shutdown;
    const name = env.PRODUCER_NAME;
    const common = { bootstrapServers: env.KAFKA_BOOTSTRAP_SERVERS, clientId: name, log };
    const producer = createProducer(common);
    shutdown.add("producer", () => producer.close(1000));
    const reportSending = health.reporter("sending");
    let run: Run | undefined;
    latencyRoute(http, name, () => run, {
      perSecond: env.IMAGES_PER_SECOND,
      arrivals: env.ARRIVALS,
      devices: env.IOT_NUM_DEVICES,
      resultTimeoutMs: env.RESULT_TIMEOUT_MS,
    });

    /** Reads results back until the images sent have theirs, which is after sending has ended. */
    const startResults = async (current: Run): Promise<void> => {
      const ending = new AbortController();
      const consumer = consumeBatches({
        ...common,
        metrics,
        groupId: env.KAFKA_CONSUMER_GROUP_ID ?? name,
        topic: topicNames.results,
        autoOffsetReset: "latest",
        // Results of earlier runs are of no use to this one.
        skipBacklog: true,
        partition: env.RESULTS_PARTITION,
        // Nobody else is in its group, so there is no rebalance to be noticed soon.
        heartbeatIntervalMs: 3000,
        maxBatch: 1000,
        stateFolder: env.STATE_FOLDER,
        onBatch: async (messages) => {
          for (const { key, value } of messages) current.take(key, value);
          return [];
        },
        deadLetters: producer,
        onState: health.reporter("results"),
        signal: ending.signal,
      });
      shutdown.add("results consumer", () => {
        ending.abort(new Error("the producer has ended"));
        return consumer.done;
      });
      await Promise.race([consumer.ready, new Promise((_, reject) => onAbort(signal, reject))]);
    };

    const drain = async (current: Run): Promise<void> => {
      // Both in one bounded wait: with Kafka gone, neither would ever end.
      const answered = async () =>
        producer.bufferedBytes === 0 && current.matcher.inFlight === 0 ? true : undefined;
      const timeoutMs = Math.min(env.RESULT_TIMEOUT_MS, env.SHUTDOWN_GRACE_MS / 2);
      await waitFor("the results of the last images", answered, { timeoutMs, everyMs: 50 }).catch(
        (err: unknown) =>
          log.warn({ err, unsentBytes: producer.bufferedBytes }, "ending without some results"),
      );
      log.info({ unanswered: current.matcher.inFlight, ...current.counts }, "drained");
    };

    /** Every quarter of a second: counts lost images, and tells whether Kafka takes images. */
    const tick = (current: Run): void => {
      current.expire();
      reportSending(current.sendingProblem(patienceMs));
    };

    const sendUntilEnd = async (current: Run): Promise<void> => {
      const us = (ms: number) => Math.round((performance.timeOrigin + ms) * 1000);
      const schedule = new Schedule({
        startMs: performance.now(),
        dueAfterMs:
          env.ARRIVALS === "fixed"
            ? fixedArrivals(env.IMAGES_PER_SECOND)
            : poissonArrivals(env.IMAGES_PER_SECOND, current.seed),
        maxLateMs: env.RESULT_TIMEOUT_MS,
        onSkipped: (seq, dueMs) => current.skipped(seq, us(dueMs)),
      });
      await sendOnTime({
        schedule,
        isFull: () => current.matcher.isFull,
        send: (seq, dueMs) => current.send(seq, us(dueMs)),
        signal,
      });
    };

    let lastLoggedMs = Number.NEGATIVE_INFINITY;
    /** Every failure is counted; at most one in ten seconds is logged. */
    const logFailure = (err: unknown): void => {
      if (performance.now() - lastLoggedMs < logFailureEveryMs) return;
      lastLoggedMs = performance.now();
      log.error({ err }, "an image could not be sent");
    };

    return async () => {
      const dataset = await loadDataset(env.DATASET_DIR);
      health.ok("dataset");
      const current = new Run({
        name,
        dataset,
        metrics,
        devices: env.IOT_NUM_DEVICES,
        resultsPartition: env.RESULTS_PARTITION,
        timeoutMs: env.RESULT_TIMEOUT_MS,
        maxInFlight: env.MAX_IN_FLIGHT,
        samplesKept: env.SAMPLES_KEPT,
        send: (message) => producer.send(message),
        onFailure: (err) => logFailure(err),
      });
      run = current;
      await startResults(current);
      const ticking = setInterval(() => tick(current), expireEveryMs);
      shutdown.add("ticking", async () => clearInterval(ticking));
      shutdown.add("drain", () => drain(current));
      log.info(
        {
          images: dataset.size,
          perSecond: env.IMAGES_PER_SECOND,
          arrivals: env.ARRIVALS,
          seed: current.seed,
          devices: env.IOT_NUM_DEVICES,
        },
        "sending",
      );
      await sendUntilEnd(current);
    };
  },
});

function onAbort(signal: AbortSignal, then: (reason: unknown) => void): void {
  if (signal.aborted) then(signal.reason);
  else signal.addEventListener("abort", () => then(signal.reason), { once: true });
}
