import {
  copyOf,
  type ExactHeader,
  type ExactMessage,
  exactHeaders,
  headerBytes,
  type KafkaMessage,
  type Rejection,
  sizeOf,
} from "./kafka-message.ts";
import type { KafkaProducer } from "./kafka-producer.ts";
import { MessageTooLargeError } from "./send-errors.ts";
import { deadLetterName } from "./topics.ts";

/** Most bytes that the headers of a message may have in all: what is derived from them must fit elsewhere, too. */
export const maxHeaderBytes = 32 * 1024;
/** Headers of a dead letter hold no more than this many characters of the reason. */
const maxReason = 1000;
/** What is left of a letter that was refused whole: bytes of its value, of its key and of each of its headers. */
const cut = { value: 32 * 1024, key: 1024, header: 1024, headers: 16 };

/**
 * Messages that are too large to be handled, by their headers or by the batch that they stand for, with the reason, and
 * all others.
 */
export function checkSizes(messages: readonly KafkaMessage[]) {
  const fit: KafkaMessage[] = [];
  const rejections: Rejection[] = [];
  for (const message of messages) {
    const { unreadable } = message;
    const bytes = headerBytes(message);
    if (unreadable !== undefined) rejections.push({ message, reason: unreadable });
    else if (bytes <= maxHeaderBytes) fit.push(message);
    else rejections.push({ message, reason: `headers of ${bytes} bytes; ${maxHeaderBytes} are allowed` });
  }
  return { fit, rejections };
}

/**
 * The message for `<topic>.dlq`: key, value, headers and time byte for byte as they were, with why it is there and where
 * it comes from.
 */
export function deadLetter({ message, reason }: Rejection, groupId: string): ExactMessage {
  const { topic, key, value, partition, offset, timestampMs } = message;
  return {
    topic: deadLetterName(topic),
    key,
    value,
    headers: [
      ...exactHeaders(message),
      header("dlq-reason", reason.slice(0, maxReason)),
      header("dlq-topic", topic),
      header("dlq-partition", String(partition)),
      header("dlq-offset", String(offset)),
      // Each group that refuses a message sends it, so one message can be there several times.
      header("dlq-group", groupId),
    ],
    // Below 0 it has none.
    ...(timestampMs < 0 ? {} : { timestampMs }),
  };
}

/**
 * Sends the letter of a rejected message; when it is larger than the dead-letter topic takes, the beginning of it, with
 * the original's size.
 * @throws what the producer throws otherwise
 */
export async function sendDeadLetter(
  rejection: Rejection,
  groupId: string,
  producer: Pick<KafkaProducer, "send">,
): Promise<void> {
  try {
    await producer.send(deadLetter(rejection, groupId));
  } catch (error) {
    if (!(error instanceof MessageTooLargeError)) throw error;
    await producer.send(deadLetter(truncated(rejection), groupId));
  }
}

function truncated({ message, reason }: Rejection): Rejection {
  const { key, value } = message;
  const small = exactHeaders(message).filter(
    ([name, content]) => name.length + (content?.length ?? 0) <= cut.header,
  );
  const headers = [
    ...small.slice(0, cut.headers),
    header("dlq-truncated", "true"),
    header("dlq-size", String(sizeOf(message))),
  ];
  return {
    reason,
    message: copyOf(message, {
      exactHeaders: headers,
      key: key?.subarray(0, cut.key),
      value: value?.subarray(0, cut.value),
    }),
  };
}

const header = (name: string, text: string): ExactHeader => [Buffer.from(name), Buffer.from(text)];
