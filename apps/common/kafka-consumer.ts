import { openAttempts } from "./attempts.ts";
import { openSession } from "./consumer-client.ts";
import { BatchLimit, checkLiveness, PollTimeoutError, quickLiveness } from "./consumer-liveness.ts";
import { ConsumerMeter } from "./consumer-meter.ts";
import type { BatchConsumerOptions } from "./consumer-options.ts";
import { type RunOptions, work } from "./consumer-work.ts";
import { messageOf } from "./errors.ts";
import { backoffMs, pause } from "./retry.ts";
import { EndingError } from "./shutdown.ts";

export interface BatchConsumer {
  /** Resolves when the consumer is a member of its group for the first time and knows where it begins. */
  readonly ready: Promise<void>;
  /** Resolves when the consumer has ended, which only its signal makes it do. */
  readonly done: Promise<void>;
}

const restartBackoff = { baseMs: 250, capMs: 10_000 };

/**
 * Consumes a topic as a member of a group, at least once. It holds out until it is told to end: a lost connection, a
 * new partition, an expired membership or a batch that took too long only makes it join anew, from the last commit.
 * @throws RangeError when the times contradict one another
 */
export function consumeBatches(options: BatchConsumerOptions): BatchConsumer {
  const { sessionTimeoutMs, heartbeatIntervalMs, maxPollIntervalMs } = { ...quickLiveness, ...options };
  const liveness = checkLiveness({ sessionTimeoutMs, heartbeatIntervalMs, maxPollIntervalMs });
  const ready = Promise.withResolvers<void>();
  // Nobody may be waiting for it when the consumer ends before it was ready.
  ready.promise.catch(() => {});
  const done = run({ ...options, ...liveness }, ready.resolve).finally(() =>
    ready.reject(new Error("the consumer ended before it was ready")),
  );
  return { ready: ready.promise, done };
}

async function run(options: RunOptions, onReady: () => void): Promise<void> {
  const { topic, groupId, signal, onState } = options;
  const log = options.log.child({ topic, groupId });
  const meter = new ConsumerMeter(options.metrics, topic, groupId);
  const labels = { topic, group: groupId };
  const overdue = options.metrics.counter(
    "kafka_consumer_poll_timeouts_total",
    "Batches that took longer than the maximum poll interval, for which the consumer gave its place up.",
    ["topic", "group"],
  );
  overdue.inc(labels, 0);
  const limit = new BatchLimit(options.maxBatch);
  const { attempts, close } = openAttempts({ folder: options.stateFolder, topic, groupId, log });
  const onEnding = () => attempts.ending(signal.reason instanceof EndingError && signal.reason.failed);
  signal.addEventListener("abort", onEnding, { once: true });
  const kept = { meter, limit, attempts };
  let started = false;
  let late = false;
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      const skipBacklog = !started && options.skipBacklog === true;
      // What this consumer held is committed since its first session; a partition without a commit is a new one, and
      // beginning at its end would pass over what came into it before the consumer noticed it.
      const autoOffsetReset = started ? "earliest" : options.autoOffsetReset;
      const session = await openSession({
        ...options,
        log,
        skipBacklog,
        autoOffsetReset,
        onLag: (lag) => meter.lags(lag),
      });
      try {
        meter.joined(true);
        started = true;
        onReady();
        // What took too long may do so again: that is over only when it is done.
        if (!late) onState?.(undefined);
        await work(session, { ...options, log }, kept, () => {
          failures = 0;
          late = false;
        });
      } finally {
        await session.close();
        meter.joined(false);
      }
    } catch (err) {
      if (signal.aborted) break;
      late ||= err instanceof PollTimeoutError;
      if (err instanceof PollTimeoutError) overdue.inc(labels);
      const pauseMs = backoffMs(failures, restartBackoff);
      log.warn({ err, pauseMs }, "consumer interrupted; it joins its group again");
      onState?.(`Kafka consumer of ${topic}: ${messageOf(err)}`);
      await pause(pauseMs, signal).catch(() => log.debug("ended while waiting"));
    }
  }
  close();
  log.info("consumer ended");
}
