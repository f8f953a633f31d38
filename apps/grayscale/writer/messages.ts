import { type KafkaMessage, PoisonError, type Rejection } from "../../common/kafka-message.ts";
import { decodeProcessed, type ProcessedMessage } from "../contract.ts";

/** Reads a batch, in its order; what cannot be read is rejected with the reason. */
export function decodeProcessedBatch(messages: readonly KafkaMessage[]): {
  processed: ProcessedMessage[];
  rejections: Rejection[];
} {
  const processed: ProcessedMessage[] = [];
  const rejections: Rejection[] = [];
  for (const message of messages) {
    try {
      processed.push(decodeProcessed(message));
    } catch (error) {
      if (!(error instanceof PoisonError)) throw error;
      rejections.push({ message, reason: error.message });
    }
  }
  return { processed, rejections };
}
