import type { Attempts } from "./attempts.ts";
import { handleBatch } from "./batch-handler.ts";
import { type BatchLimit, type Liveness, PollTimeoutError } from "./consumer-liveness.ts";
import type { ConsumerMeter } from "./consumer-meter.ts";
import type { BatchConsumerOptions } from "./consumer-options.ts";
import type { Session } from "./consumer-session.ts";
import { checkSizes, sendDeadLetter } from "./dead-letter.ts";
import { messageOf } from "./errors.ts";
import type { KafkaMessage, Rejection } from "./kafka-message.ts";
import { settlesWithin } from "./retry.ts";
import { deadLetterName } from "./topics.ts";

export type RunOptions = BatchConsumerOptions & Liveness;

const handlerBackoff = { baseMs: 100, capMs: 5000 };

/** What the work of one consumer keeps from session to session. */
export interface Kept {
  readonly meter: ConsumerMeter;
  readonly limit: BatchLimit;
  readonly attempts: Attempts;
}

/** Handles batches until the signal aborts; throws when the session ends before that. */
export async function work(
  session: Session,
  options: RunOptions,
  kept: Kept,
  onProgress: () => void,
): Promise<void> {
  const { meter, limit, attempts } = kept;
  for (;;) {
    const messages = await session.next(limit.now);
    if (messages === undefined) return;
    const parts = attempts.parts(messages);
    for (const { fit, rejections } of parts) {
      const part = [...fit, ...rejections.map(({ message }) => message)];
      await bury([...rejections, ...(await handle(fit, session, options, kept))], options, meter);
      session.handled(part);
      // Should the next message end the process, this one must not come again beside it.
      if (parts.length > 1) await session.commit();
      attempts.handled(part);
      limit.inTime();
      meter.handled(part.length);
      options.onState?.(undefined);
      onProgress();
    }
  }
}

/** Has messages handled, however often that takes; resolves to those that are refused. */
async function handle(
  messages: readonly KafkaMessage[],
  session: Session,
  options: RunOptions,
  { meter, limit, attempts }: Kept,
): Promise<readonly Rejection[]> {
  const { log, onState } = options;
  const { signal } = session;
  const { fit, rejections } = checkSizes(messages);
  const once = (batch: readonly KafkaMessage[]) =>
    attempts.during(batch, () => options.onBatch(batch, { signal }));
  const handling = handleBatch(fit, once, {
    ...handlerBackoff,
    signal,
    onRetry: (err, attempt, pauseMs) => {
      meter.failed();
      onState?.(`${options.topic} is not being processed: ${messageOf(err)}`);
      log.warn({ err, attempt, pauseMs, messages: messages.length }, "batch failed; it is handled again");
    },
  });
  if (!(await settlesWithin(handling, options.maxPollIntervalMs))) {
    limit.tookTooLong(messages.length);
    await giveUp(session, handling, messages, options);
  }
  return [...rejections, ...(await handling)];
}

/**
 * Leaves the group at once, so that others can take the partitions, and waits for the handler, so that the same
 * messages are never handled twice at a time here.
 * @throws PollTimeoutError always
 */
async function giveUp(
  session: Session,
  handling: Promise<unknown>,
  messages: readonly KafkaMessage[],
  { maxPollIntervalMs, topic, log, onState }: RunOptions,
): Promise<never> {
  const error = new PollTimeoutError(messages.length, maxPollIntervalMs);
  const [first] = messages;
  const place = { partition: first?.partition, offset: String(first?.offset), messages: messages.length };
  log.error({ ...place, maxPollIntervalMs }, "a batch takes too long; the consumer leaves its group");
  onState?.(`Kafka consumer of ${topic}: ${error.message}`);
  await session.close(error);
  const [outcome] = await Promise.allSettled([handling]);
  log.info({ ...place, outcome: outcome.status }, "the batch that took too long has ended; it comes again");
  throw error;
}

async function bury(
  rejections: readonly Rejection[],
  options: BatchConsumerOptions,
  meter: ConsumerMeter,
): Promise<void> {
  const { groupId, deadLetters } = options;
  await Promise.all(rejections.map((rejection) => sendDeadLetter(rejection, groupId, deadLetters)));
  const [first] = rejections;
  if (first === undefined) return;
  meter.buried(rejections.length);
  const { partition, offset } = first.message;
  const example = { partition, offset: String(offset), reason: first.reason };
  options.log.warn(
    { refused: rejections.length, first: example },
    `messages refused; they are now in ${deadLetterName(options.topic)}`,
  );
}
