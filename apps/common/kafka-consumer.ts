import { handleBatch } from "./batch-handler.ts";
import { ConsumerMeter } from "./consumer-meter.ts";
import { openSession, type Session } from "./consumer-session.ts";
import { messageOf } from "./errors.ts";
import { deadLetter, type KafkaMessage, type Rejection } from "./kafka-message.ts";
import type { KafkaProducer } from "./kafka-producer.ts";
import type { Logger } from "./logging.ts";
import type { Metrics } from "./metrics.ts";
import { backoffMs, pause } from "./retry.ts";
import { deadLetterName } from "./topics.ts";

export interface BatchConsumerOptions {
  /** `host:port` of every broker. */
  readonly bootstrapServers: readonly string[];
  readonly clientId: string;
  readonly groupId: string;
  readonly topic: string;
  /** Where to begin in a partition for which the group has committed nothing. */
  readonly autoOffsetReset: "earliest" | "latest";
  /** Begin at the end of the topic when the consumer starts, whatever the group has committed. */
  readonly skipBacklog?: boolean;
  /** Most messages in one batch. */
  readonly maxBatch: number;
  /** Most bytes that one broker returns to one request; what is held in memory is a small multiple. 4 MiB by default. */
  readonly maxBytes?: number;
  /**
   * Does the work of a batch: whatever has arrived, one message or many, of any partitions. Offsets are committed when
   * it has resolved and what it rejects is in `<topic>.dlq`. When it throws, the same batch comes again after a pause;
   * when it throws a PoisonError, the messages come one at a time (see {@link handleBatch}). Messages can come twice,
   * after a crash or when partitions move, so the work has to be idempotent.
   */
  readonly onBatch: (
    messages: readonly KafkaMessage[],
    context: BatchContext,
  ) => Promise<readonly Rejection[]>;
  /** Writes the dead letters. */
  readonly deadLetters: Pick<KafkaProducer, "send">;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Told whether the consumer does its work, with the reason when it does not; for `/healthz`. */
  readonly onState?: (problem: string | undefined) => void;
  /** Ends the consumer: the batch in hand is finished and committed, then it leaves the group. */
  readonly signal: AbortSignal;
}

export interface BatchContext {
  /** Aborted when the consumer is to end. */
  readonly signal: AbortSignal;
}

export interface BatchConsumer {
  /** Resolves when the consumer is a member of its group for the first time and knows where it begins. */
  readonly ready: Promise<void>;
  /** Resolves when the consumer has ended, which only its signal makes it do. */
  readonly done: Promise<void>;
}

const restartBackoff = { baseMs: 250, capMs: 10_000 };
const handlerBackoff = { baseMs: 100, capMs: 5000 };

/**
 * Consumes a topic as a member of a group, at least once. It holds out until it is told to end: a lost connection, a
 * new partition or an expired membership only makes it join anew, from the last commit.
 */
export function consumeBatches(options: BatchConsumerOptions): BatchConsumer {
  const ready = Promise.withResolvers<void>();
  // Nobody may be waiting for it when the consumer ends before it was ready.
  ready.promise.catch(() => {});
  const done = run(options, ready.resolve).finally(() =>
    ready.reject(new Error("the consumer ended before it was ready")),
  );
  return { ready: ready.promise, done };
}

async function run(options: BatchConsumerOptions, onReady: () => void): Promise<void> {
  const { topic, groupId, signal, onState } = options;
  const log = options.log.child({ topic, groupId });
  const meter = new ConsumerMeter(options.metrics, topic, groupId);
  let started = false;
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
        onState?.(undefined);
        await work(session, { ...options, log }, meter, () => {
          failures = 0;
        });
      } finally {
        await session.close();
        meter.joined(false);
      }
    } catch (err) {
      if (signal.aborted) break;
      const pauseMs = backoffMs(failures, restartBackoff);
      log.warn({ err, pauseMs }, "consumer interrupted; it joins its group again");
      onState?.(`Kafka consumer of ${topic}: ${messageOf(err)}`);
      await pause(pauseMs, signal).catch(() => log.debug("ended while waiting"));
    }
  }
  log.info("consumer ended");
}

/** Handles batches until the signal aborts; throws when the session ends before that. */
async function work(
  session: Session,
  options: BatchConsumerOptions,
  meter: ConsumerMeter,
  onProgress: () => void,
): Promise<void> {
  const { signal, log, onState } = options;
  for (;;) {
    const messages = await session.next(options.maxBatch);
    if (messages === undefined) return;
    const rejections = await handleBatch(messages, (batch) => options.onBatch(batch, { signal }), {
      ...handlerBackoff,
      signal: session.signal,
      onRetry: (err, attempt, pauseMs) => {
        meter.failed();
        onState?.(`${options.topic} is not being processed: ${messageOf(err)}`);
        log.warn({ err, attempt, pauseMs, messages: messages.length }, "batch failed; it is handled again");
      },
    });
    await bury(rejections, options, meter);
    await session.commit(messages);
    meter.handled(messages.length);
    onState?.(undefined);
    onProgress();
  }
}

async function bury(
  rejections: readonly Rejection[],
  options: BatchConsumerOptions,
  meter: ConsumerMeter,
): Promise<void> {
  const target = deadLetterName(options.topic);
  const letters = rejections.map((rejection) => deadLetter(rejection, target, options.groupId));
  await Promise.all(letters.map((letter) => options.deadLetters.send(letter)));
  const [first] = rejections;
  if (first === undefined) return;
  meter.buried(rejections.length);
  const { partition, offset } = first.message;
  const example = { partition, offset: String(offset), reason: first.reason };
  options.log.warn(
    { refused: rejections.length, first: example },
    `messages refused; they are now in ${target}`,
  );
}
