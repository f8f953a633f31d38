import { nowUs } from "../../common/clock.ts";
import { type KafkaMessage, PoisonError, type Rejection } from "../../common/kafka-message.ts";
import type { KafkaProducer } from "../../common/kafka-producer.ts";
import { topicNames } from "../contract.ts";
import type { Classifier } from "./classifier.ts";
import { type Origin, readOrigin, resultsPartition, toResult } from "./messages.ts";
import { NotAnImage } from "./preprocess.ts";
import type { StageLog } from "./stages.ts";

interface Parsed {
  readonly message: KafkaMessage;
  readonly origin: Origin;
  /** Where its sender awaits the result. */
  readonly partition: number | undefined;
}

/**
 * Classifies a batch of messages from `images` and sends the results, each under the key of its image. Resolves when
 * all in-sync replicas have every result, so that offsets may be committed.
 *
 * @returns what is no image or lacks what a result must say, with the reason
 */
export async function classifyMessages(
  messages: readonly KafkaMessage[],
  classifier: Classifier,
  results: Pick<KafkaProducer, "send">,
  stages: Pick<StageLog, "push">,
): Promise<readonly Rejection[]> {
  const pickedUs = nowUs();
  const rejections: Rejection[] = [];
  const parsed: Parsed[] = [];
  for (const message of messages) {
    const image = tryParse(message);
    if (image instanceof PoisonError) rejections.push({ message, reason: image.message });
    else parsed.push(image);
  }
  const classified = await classifier.classify(
    "kafka",
    parsed.map(({ message }) => message.value ?? Buffer.alloc(0)),
  );
  const classifiedUs = nowUs();
  const sends: Promise<void>[] = [];
  for (const [i, { message, origin, partition }] of parsed.entries()) {
    const result = classified[i];
    if (result instanceof NotAnImage) rejections.push({ message, reason: `not an image: ${result.message}` });
    else if (result) {
      const value = JSON.stringify(toResult(origin, result, pickedUs));
      const { id } = origin;
      const sending = results.send({ topic: topicNames.results, key: message.key ?? id, partition, value });
      const { inferenceMs } = result;
      sends.push(
        sending.then(() => stages.push({ id, pickedUs, classifiedUs, inferenceMs, resultAckedUs: nowUs() })),
      );
    }
  }
  await Promise.all(sends);
  return rejections;
}

function tryParse(message: KafkaMessage): Parsed | PoisonError {
  try {
    return { message, origin: readOrigin(message), partition: resultsPartition(message) };
  } catch (error) {
    if (error instanceof PoisonError) return error;
    throw error;
  }
}
