import { runApp } from "../../common/app.ts";
import { messageOf } from "../../common/errors.ts";
import { createProducer } from "../../common/kafka.ts";
import { pause, retry } from "../../common/retry.ts";
import { fixedArrivals, Schedule } from "../../common/schedule.ts";
import { maxRequestBytes } from "../contract.ts";
import { simulatorEnv } from "./env.ts";
import { Fleet } from "./fleet.ts";
import { sender } from "./send.ts";
import { ensureTopic } from "./topic.ts";

/** Readings later than this are left out: what Kafka could not take for so long would only delay what is new, ms. */
const maxLateMs = 60_000;
/**
 * The least and the longest wait for the schedule, ms: what many devices have within the least goes to Kafka together,
 * each reading with the time at which it was due; and the end is not waited for.
 */
const napMs = { least: 100, longest: 1000 };
/** With so many bytes waiting for Kafka, the simulator waits as well. */
const maxWaitingBytes = 2 * 1024 * 1024;
/** After so many readings in one go, others have their turn. */
const mostInOneGo = 5000;
/** The least time between two log lines about readings that could not be sent, ms. */
const logFailureEveryMs = 10_000;

await runApp({
  name: "sensors-simulator",
  env: simulatorEnv,
  healthParts: ["topic", "sending"],
  start: ({ env, log, metrics, health, shutdown }) => {
    const { signal } = shutdown;
    const topic = env.KAFKA_TOPIC_NAME;
    const producer = createProducer({
      bootstrapServers: env.KAFKA_BOOTSTRAP_SERVERS,
      clientId: env.SIMULATOR_NAME,
      log,
      maxRequestBytes,
      onState: health.reporter("sending"),
    });
    shutdown.add("producer", () => producer.close());
    let lastLoggedMs = Number.NEGATIVE_INFINITY;
    /** Every failure is counted; at most one in ten seconds is logged. */
    const onFailure = (err: unknown): void => {
      if (performance.now() - lastLoggedMs < logFailureEveryMs) return;
      lastLoggedMs = performance.now();
      log.warn({ err }, "Kafka did not take a reading");
    };
    const readings = sender({ topic, metrics, post: producer.post, onFailure });
    const fleet = new Fleet({
      name: env.SIMULATOR_NAME,
      devices: env.IOT_NUM_DEVICES,
      types: env.IOT_DEVICE_TYPES,
      anomalyProbability: env.IOT_ANOMALY_PROBABILITY,
      seed: env.IOT_SEED,
    });

    const haveTopic = () =>
      retry(
        () =>
          ensureTopic(env.KAFKA_BOOTSTRAP_SERVERS, {
            name: topic,
            partitions: env.KAFKA_PARTITIONS,
            replication: env.KAFKA_REPLICATION_FACTOR,
          }),
        {
          signal,
          onRetry: (err) => {
            health.fail("topic", messageOf(err));
            log.warn({ err, topic }, "the topic is not ready; trying again");
          },
        },
      );

    /** Devices take turns at equal distances, so that the load is even. */
    const sendUntilEnd = async (): Promise<void> => {
      const schedule = new Schedule({
        startMs: performance.now(),
        dueAfterMs: fixedArrivals(env.IOT_NUM_DEVICES / env.IOT_DATA_INTERVAL_SEC),
        maxLateMs,
        onSkipped: () => readings.skip(),
      });
      while (!signal.aborted) {
        const waitMs = producer.bufferedBytes > maxWaitingBytes ? napMs.least : sendDue(schedule);
        await pause(Math.min(napMs.longest, Math.max(napMs.least, waitMs)), signal);
      }
    };

    /** Sends what is due. @returns how long nothing is due then, ms */
    const sendDue = (schedule: Schedule): number => {
      for (let sent = 0; sent < mostInOneGo; sent += 1) {
        const step = schedule.step(performance.now());
        if ("waitMs" in step) return step.waitMs;
        readings.send(
          fleet.reading(step.seq % env.IOT_NUM_DEVICES, Math.round(performance.timeOrigin + step.dueMs)),
        );
      }
      return 0;
    };

    return async () => {
      const made = await haveTopic();
      health.ok("topic");
      health.ok("sending");
      log.info({ topic, made, devices: env.IOT_NUM_DEVICES, seed: env.IOT_SEED }, "sending");
      await sendUntilEnd();
    };
  },
});
