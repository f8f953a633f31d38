import { findErrorBy } from "@platformatic/kafka";
import { PoisonError } from "./kafka-message.ts";

/** What brokers answer that a producer with a fresh id, which the client takes after every failure, does not meet. */
const mendedByFreshId = new Set([
  "OUT_OF_ORDER_SEQUENCE_NUMBER",
  "UNKNOWN_PRODUCER_ID",
  "INVALID_PRODUCER_EPOCH",
  "DUPLICATE_SEQUENCE_NUMBER",
]);

/** Thrown for a message that is larger than its topic takes, however often it is tried. */
export class MessageTooLargeError extends PoisonError {
  constructor(topic: string, bytes: number, options?: ErrorOptions) {
    super(`a message of ${bytes} bytes is larger than topic ${topic} takes`, options);
    this.name = "MessageTooLargeError";
  }
}

export function isTooLarge(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"].some(
    (id) => findErrorBy(error, "apiId", id) !== null,
  );
}

/**
 * Whether brokers refuse some of what was sent for good, by an answer of theirs. Whatever else went wrong (the network,
 * a leader that moved, a request without an answer) may go well with whoever leads the partition the next time.
 */
export function isRefused(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isRefused);
  if (!(error instanceof Error) || !("apiId" in error)) return false;
  return "canRetry" in error && error.canRetry === false && !mendedByFreshId.has(String(error.apiId));
}
