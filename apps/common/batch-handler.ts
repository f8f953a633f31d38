import { type KafkaMessage, PoisonError, type Rejection } from "./kafka-message.ts";
import { type RetryOptions, retry } from "./retry.ts";

export type BatchHandler = (messages: readonly KafkaMessage[]) => Promise<readonly Rejection[]>;

/**
 * Has a batch handled until it is done. A batch whose handler fails is handled again after a pause, for as long as it
 * takes, so nothing is skipped; but when the handler throws a {@link PoisonError}, the messages are handled one at a
 * time, and those that throw it even then are rejected.
 *
 * @returns what the handler rejected, and what poisoned it
 * @throws the signal's reason when aborted
 */
export async function handleBatch(
  messages: readonly KafkaMessage[],
  handle: BatchHandler,
  options: RetryOptions,
): Promise<readonly Rejection[]> {
  if (messages.length === 0) return [];
  try {
    return await retry(() => handle(messages), {
      ...options,
      isRetryable: (error) => !(error instanceof PoisonError),
    });
  } catch (error) {
    if (!(error instanceof PoisonError)) throw error;
    const [message, ...others] = messages;
    if (message === undefined) return [];
    if (others.length === 0) return [{ message, reason: error.message }];
  }
  const rejections: Rejection[] = [];
  for (const message of messages) rejections.push(...(await handleBatch([message], handle, options)));
  return rejections;
}
